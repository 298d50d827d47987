import { expect, test } from 'vitest';
import type { Suppression } from './queries';
import { endOf, stateOf } from './state';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const row = (some: Partial<Suppression>) =>
  ({ state: 'in_force', mode: 'active', ends_at: '2026-12-27T12:00:00Z', ended_at: null, ...some }) as Suppression;

test.each([
  [{}, 'Active'],
  [{ mode: 'monitor' }, 'On trial'],
  [{ ends_at: '2026-11-29T12:00:00Z' }, 'Ends soon'],
  [{ state: 'scheduled' }, 'Scheduled'],
  [{ state: 'waiting_for_approval' }, 'Waiting for approval'],
  [{ state: 'ended' }, 'Ended'],
] as const)('%j is called %s', (some, label) => {
  expect(stateOf(row(some), NOW).label).toBe(label);
});

test('one that was ended by hand ended then', () => {
  expect(endOf(row({ ended_at: '2026-11-27T11:00:00Z' }))).toBe('2026-11-27T11:00:00Z');
});
