import { expect, test } from 'vitest';
import { differences, rebased, same } from './diff';

test('what differs is told by where it is, lists as a whole', () => {
  const before = { name: 'a', sla: { high: { resolve: 60, contain: null } }, tags: ['x'] };
  const after = { name: 'a', sla: { high: { resolve: 90, contain: null } }, tags: ['x', 'y'] };
  expect(differences(before, after)).toEqual([
    { path: 'sla.high.resolve', before: 60, after: 90 },
    { path: 'tags', before: ['x'], after: ['x', 'y'] },
  ]);
});

test('the order of names says nothing, that of a list does', () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

test('what two people changed of one thing is kept, and where both did mine holds', () => {
  const base = { title: 'old', severity: 3, sla: { high: 1, low: 1 } };
  const mine = { title: 'mine', severity: 3, sla: { high: 2, low: 1 } };
  const theirs = { title: 'theirs', severity: 5, sla: { high: 1, low: 9 } };
  expect(rebased(base, mine, theirs)).toEqual({ title: 'mine', severity: 5, sla: { high: 2, low: 9 } });
});

test('what was nothing and became something is kept too', () => {
  expect(rebased<unknown>({ calendar: null }, { calendar: { zone: 'UTC' } }, { calendar: null })).toEqual({
    calendar: { zone: 'UTC' },
  });
});
