import { expect, test } from 'vitest';
import { movesFrom, needsReason, whyOpen, whyStill } from '@/domain/moves';
import { told } from './differences';
import { parseIncidentSearch } from './search';

test('an incident goes on, is held, and comes back from hold; closed and merged ones stay', () => {
  expect(movesFrom('open')).toEqual(['investigating', 'contained', 'on_hold', 'resolved']);
  expect(movesFrom('on_hold')).toEqual(['open', 'investigating', 'contained']);
  expect([movesFrom('closed'), movesFrom('merged')]).toEqual([[], []]);
});

test.each([
  ['open', null, 'investigating', false],
  ['open', null, 'on_hold', true],
  ['contained', '2026-01-01T00:00:00Z', 'investigating', true],
  ['resolved', null, 'investigating', true],
  ['on_hold', null, 'open', false],
  ['on_hold', '2026-01-01T00:00:00Z', 'open', true],
  ['on_hold', '2026-01-01T00:00:00Z', 'contained', false],
] as const)('from %s (contained %s) to %s: a reason is needed: %s', (status, contained_at, to, needed) => {
  expect(needsReason({ status, contained_at }, to)).toBe(needed);
});

test('what waits for a reviewer is neither moved nor closed', () => {
  expect(whyStill({ status: 'open', review: null })).toBeUndefined();
  expect(whyStill({ status: 'merged', review: null })).toMatch('merged');
  expect(whyOpen({ status: 'on_hold', review: null })).toMatch('on hold');
});

test('what somebody made of it is told in words, and nothing else', () => {
  const before = { status: 'open', severity: 3, tags: ['a'] } as const;
  expect(told({ ...before, tags: ['a'] }, { status: 'contained', severity: 3, tags: ['a'] })).toEqual([
    'The status is Contained',
  ]);
});

test('only tabs that there are get into the URL', () => {
  expect(parseIncidentSearch({ tab: 'tasks', other: 1 })).toEqual({ tab: 'tasks' });
  expect(parseIncidentSearch({ tab: 'overview' })).toEqual({ tab: undefined });
  expect(parseIncidentSearch({ tab: 'nothing' })).toEqual({ tab: undefined });
});
