import { expect, test } from 'vitest';
import { movesFrom, needsReason, whyOpen, whyStill } from './moves';

test('holding and going back are explained, going on is not', () => {
  const at = (status: 'open' | 'contained' | 'on_hold' | 'resolved', contained_at: string | null = null) => ({
    status,
    contained_at,
  });
  expect(needsReason(at('open'), 'on_hold')).toBe(true);
  expect(needsReason(at('contained'), 'investigating')).toBe(true);
  expect(needsReason(at('resolved'), 'investigating')).toBe(true);
  expect(needsReason(at('open'), 'contained')).toBe(false);
  expect(needsReason(at('on_hold'), 'investigating')).toBe(false);
  expect(needsReason(at('on_hold', '2026-11-27T10:00:00Z'), 'investigating')).toBe(true);
  expect(needsReason(at('on_hold', '2026-11-27T10:00:00Z'), 'contained')).toBe(false);
});

test('what is over, merged, or in review stays where it is', () => {
  expect(movesFrom('closed')).toEqual([]);
  expect(whyStill({ status: 'merged', review: null })).toMatch(/merged/);
  expect(whyStill({ status: 'open', review: null })).toBeUndefined();
  expect(whyOpen({ status: 'on_hold', review: null })).toMatch(/on hold/);
});
