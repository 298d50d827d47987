import { memo, useMemo, useState } from 'react';
import { asApiError } from '@/api/problem';
import { type Range as Edges, Histogram } from '@/domain/Histogram';
import { NoVolume } from '@/domain/list/ListPage';
import type { Range } from '@/domain/list/range';
import type { AlertSearch } from './search';
import { useHistogram } from './useCounts';

interface Props {
  search: AlertSearch;
  onRange: (range: Range) => void;
}

/** How much there was, by the minute it was asked: what is drawn in it is the list's range. */
export const Volume = memo(function Volume({ search, onRange }: Props) {
  const { data, error, refetch } = useHistogram(search);
  const buckets = useMemo(
    () => (data?.buckets ?? []).map((one) => ({ start: Date.parse(one.start), counts: one.by_severity })),
    [data],
  );
  const intervalMs = (data?.interval_seconds ?? 0) * 1000;
  const first = buckets[0]?.start ?? 0;
  const edge = (moment: string | undefined, none: number) =>
    moment ? Math.max(0, Math.min(buckets.length, Math.round((Date.parse(moment) - first) / intervalMs))) : none;
  const ranged = (search.from || search.to) && intervalMs > 0;
  const kept: Edges | null = ranged ? [edge(search.from, 0), edge(search.to, buckets.length)] : null;
  // It is asked for once, when the hand lets go.
  const [drawn, setDrawn] = useState<Edges | null>(null);
  function choose(chosen: Edges | null) {
    setDrawn(null);
    const at = (edge: number) => new Date(first + edge * intervalMs).toISOString();
    if (chosen) onRange({ from: at(chosen[0]), to: at(chosen[1]) });
    else if (ranged) onRange({});
  }
  // Of a query that cannot be read all is said below it.
  if (error && !data) return asApiError(error).status === 422 ? null : <NoVolume onRetry={() => void refetch()} />;
  return (
    <Histogram
      buckets={buckets}
      intervalMs={intervalMs}
      range={drawn ?? kept}
      onRange={setDrawn}
      onDone={choose}
      of="Alerts"
    />
  );
});
