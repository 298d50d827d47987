interface Due {
  due_at?: string | null;
}

/** Those that have to be looked at, what is due first in front; at most so many. */
export function nextDue<T extends Due>(alerts: readonly T[], most: number): (T & { due_at: string })[] {
  return alerts
    .filter((one): one is T & { due_at: string } => typeof one.due_at === 'string')
    .sort((one, other) => Date.parse(one.due_at) - Date.parse(other.due_at))
    .slice(0, most);
}

interface Clock {
  clock: string;
  state: string;
  due_at: string | null;
}

/** Of an incident's clocks the one that is late, or will be next; none where all are met or stand still. */
export function nextClock<C extends Clock>(clocks: readonly C[]): (C & { due_at: string }) | undefined {
  return nextDue(
    clocks.filter((one) => one.state !== 'met' && one.state !== 'paused'),
    1,
  )[0];
}
