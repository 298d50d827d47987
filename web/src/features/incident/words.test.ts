import { expect, test } from 'vitest';
import { movedWords, pivotTo, seenQuery } from './words';

test('what a merge moves is added up, and what there is none of is left out', () => {
  const rest = { open_alerts: 1, open_tasks: 1, entries: 2 };
  const counts = { alerts: 1, tasks: 1, notes: 0, observables: 0, evidence: 0, ...rest };
  expect(movedWords([counts, { ...counts, tasks: 0, evidence: 2 }])).toBe('2 alerts, 1 task, 2 files');
  expect(movedWords([])).toBe('');
});

test('a value is looked for quoted, so that it means nothing but itself', () => {
  const query = seenQuery('url', 'https://evil.example/a*"b');
  expect(query).toBe('observable.url:"https://evil.example/a\\*\\"b"');
  const [path, search] = pivotTo('alerts', query).split('?');
  expect([path, new URLSearchParams(search).get('query')]).toEqual(['/alerts', query]);
});
