import { expect, test } from 'vitest';
import type { Job } from '@/domain/job/job';
import { firstOf, tabsOf } from './itemTabs';
import { factsOf, hasCopy, isMoment, titleOf, undoOf } from './words';

const job = (patch: Partial<Job>): Job => ({
  id: 'j',
  organization_id: 'o',
  kind: 'alerts.bulk',
  status: 'done',
  parameters: { action: { type: 'close' } },
  result: {},
  error: null,
  total: 10,
  done: 10,
  skipped: 0,
  failed: 0,
  undo_of_id: null,
  undone_by_id: null,
  created_by_id: null,
  cancel_requested_at: null,
  started_at: null,
  finished_at: null,
  created_at: '2026-11-27T16:00:00Z',
  updated_at: '2026-11-27T16:00:00Z',
  ...patch,
});

test.each([
  [{}, 'Close alerts'],
  [{ parameters: { action: { type: 'tags' } } }, 'Change the tags of alerts'],
  [{ kind: 'incidents.link', parameters: { open: { title: 'x' } } }, 'Open an incident of alerts'],
  [{ kind: 'incidents.link', parameters: {} }, 'Link alerts to an incident'],
  [{ kind: 'reindex', parameters: { what: 'incidents' } }, 'Reindex incidents'],
  [{ kind: 'something.new', parameters: {} }, 'Something new'],
] as const)('%o is called %s', (patch, title) => {
  expect(titleOf(job(patch))).toBe(title);
});

test('what can be taken back is what has been done, and was not taken back', () => {
  expect(undoOf(job({}))).toBe('alerts');
  expect(undoOf(job({ kind: 'incidents.link' }))).toBe('incidents');
  expect(undoOf(job({ status: 'cancelled', done: 3 }))).toBe('alerts');
  expect(undoOf(job({ undone_by_id: 'k' }))).toBeUndefined();
  expect(undoOf(job({ status: 'running' }))).toBeUndefined();
  expect(undoOf(job({ done: 0 }))).toBeUndefined();
  expect(undoOf(job({ kind: 'alerts.undo' }))).toBeUndefined();
});

test('a copy is there when its job is done', () => {
  expect([hasCopy(job({ kind: 'alerts.export' })), hasCopy(job({ kind: 'alerts.export', status: 'running' }))]).toEqual(
    [true, false],
  );
});

test('what failed is looked at first', () => {
  expect(firstOf(job({ failed: 1 }))).toBe('failed');
  expect(firstOf(job({ skipped: 1 }))).toBe('skipped');
  expect(firstOf(job({}))).toBe('done');
  expect(firstOf(job({ done: 0 }))).toBe('pending');
  expect(tabsOf(job({ done: 4, failed: 1, skipped: 2 })).map(({ count }) => count)).toEqual([1, 2, 4, 3]);
});

test('parameters are read as names and values', () => {
  const facts = factsOf({
    query: 'a:b',
    action: { type: 'close', note: null },
    bytes: 1_200,
    after: ['x'],
    ids: [],
    tags: ['x', 'y'],
    start: false,
  });
  expect(facts).toEqual([
    ['Query', 'a:b'],
    ['Action: type', 'close'],
    ['Bytes', '1.2 kB'],
    ['Tags', 'x, y'],
  ]);
});

test('a moment is told from other words', () => {
  expect([isMoment('2026-11-27T17:30:25.348000Z'), isMoment('2026-11-27'), isMoment('close')]).toEqual([
    true,
    false,
    false,
  ]);
});
