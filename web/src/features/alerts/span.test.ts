import { expect, test } from 'vitest';
import { spanShown } from './span';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-27T12:00:00Z');
const at = (hours: number) => new Date(now + hours * HOUR).toISOString();

test.each([
  [{}, [-24, 0]],
  [{ last: '7d' }, [-168, 0]],
  // What was drawn in the day stays where it was drawn.
  [{ from: at(-3), to: at(-2) }, [-24, 0]],
  [{ from: at(-48), to: at(-40) }, [-50, -38]],
  [{ from: at(-48) }, [-60, 0]],
])('a range of %j is shown in %j', (range, hours) => {
  expect(spanShown(range, now).map((one) => (one - now) / HOUR)).toEqual(hours);
});
