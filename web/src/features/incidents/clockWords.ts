import { formatSpan, words } from '@/lib/format';
import type { Clock } from './queries';

export interface Said {
  state: Clock['state'];
  /** Which target, and how it stands: Contain, 3h late. */
  name: string;
  said: string;
  /** What there is no room for: how much is left of what stands still. */
  more?: string;
}

const done = ({ state }: Clock) => state === 'met';

/** Of several clocks the one that somebody has to heed: what is late first, then what is due first. */
function heeded(clocks: readonly Clock[], now: number): Clock | undefined {
  const running = clocks.filter((one) => !done(one));
  const left = (clock: Clock) => leftOf(clock, now);
  return running.sort((one, other) => rank(one) - rank(other) || left(one) - left(other))[0];
}

/** How it stands, in words. Undefined where there are no targets. */
export function saidOf(clocks: readonly Clock[], now: number): Said | undefined {
  const clock = heeded(clocks, now);
  if (!clock) {
    const late = clocks.filter((one) => one.breached_at).length;
    if (clocks.length === 0) return undefined;
    return { state: 'met', name: late > 0 ? 'Met' : 'All met', said: late > 0 ? `${late} of them late` : 'in time' };
  }
  const left = leftOf(clock, now);
  const span = formatSpan(Math.abs(left));
  const told = left < 0 ? `${span} late` : `${span} left`;
  if (clock.state === 'paused') return { state: 'paused', name: words(clock.clock), said: 'paused', more: told };
  return { state: stateOf(clock, left, now), name: words(clock.clock), said: told };
}

/** It goes on after it was read: what warns, or is late, since then. */
function stateOf({ state, warn_at }: Clock, left: number, now: number): Clock['state'] {
  if (left < 0) return 'breached';
  return state === 'running' && warn_at && Date.parse(warn_at) <= now ? 'warned' : state;
}

/** What runs goes before what stands still. */
const rank = ({ state }: Clock): number => (state === 'paused' ? 1 : 0);

function leftOf({ due_at, paused, remaining_seconds }: Clock, now: number): number {
  return due_at && !paused ? Date.parse(due_at) - now : remaining_seconds * 1000;
}
