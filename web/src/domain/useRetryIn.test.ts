import { expect, test } from 'vitest';
import { secondsLeft } from './useRetryIn';

test('the wait counts down to nothing, and is none where none was asked for', () => {
  expect([0, 1, 3_900, 4_000, 9_000].map((later) => secondsLeft(4, 1_000, 1_000 + later))).toEqual([4, 4, 1, 0, 0]);
  expect(secondsLeft(undefined, 0, 0)).toBe(0);
});
