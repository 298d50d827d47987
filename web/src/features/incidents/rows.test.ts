import { expect, test } from 'vitest';
import { reread } from './rows';
import { incident } from './testing';

test('a row that was read anew has the clocks of then, also where nothing else of it changed', () => {
  const clock = {
    clock: 'resolve',
    state: 'paused',
    due_at: null,
    warn_at: null,
    met_at: null,
    breached_at: null,
  } as const;
  const clocks = [{ ...clock, paused: true, target_seconds: 60, elapsed_seconds: 30, remaining_seconds: 30 }];
  const moved = incident({ status: 'on_hold', revision: 5 });
  expect(reread(moved, { ...moved, clocks })).toMatchObject({ status: 'on_hold', clocks });
  expect(reread(moved, incident({ revision: 4, clocks }))).toMatchObject({ status: 'on_hold', clocks });
  expect(reread(moved, undefined)).toBe(moved);
});
