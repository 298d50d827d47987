import { SEVERITIES } from '@/domain/severities';

interface Bucket {
  start: string;
  by_severity: Readonly<Record<string, number>>;
}

interface Part {
  severity: number;
  /** Shares of the highest column, from the base. */
  from: number;
  to: number;
  count: number;
}

export interface Column {
  start: string;
  total: number;
  parts: Part[];
}

/** Buckets as columns of a picture. */
export function columns(buckets: readonly Bucket[]): Column[] {
  const totals = buckets.map(({ by_severity }) => SEVERITIES.reduce((sum, one) => sum + (by_severity[one] ?? 0), 0));
  const most = Math.max(1, ...totals);
  return buckets.map(({ start, by_severity }, at) => {
    let from = 0;
    const parts = SEVERITIES.flatMap((severity): Part[] => {
      const count = by_severity[severity] ?? 0;
      if (count === 0) return [];
      const part = { severity, from, to: from + count / most, count };
      from = part.to;
      return [part];
    });
    return { start, total: totals[at] ?? 0, parts };
  });
}
