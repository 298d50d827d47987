interface Counts {
  alert: number;
  telemetry: number;
}

/** How many of each kind there are in all buckets. */
export function countsOf(buckets: readonly Counts[]): Counts {
  const sum = (kind: keyof Counts) => buckets.reduce((all, one) => all + one[kind], 0);
  return { alert: sum('alert'), telemetry: sum('telemetry') };
}

/** A copy holds no more. */
export const MOST_COPIED = 100_000;
