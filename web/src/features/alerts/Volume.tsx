import { useQuery } from '@tanstack/react-query';
import { memo, useMemo } from 'react';
import { type Range as Edges, Histogram } from '@/domain/Histogram';
import type { Range } from '@/domain/list/range';
import { useNow } from '@/domain/useNow';
import { histogramQuery } from './queries';
import type { AlertSearch } from './search';
import { spanShown } from './span';
import s from './Volume.module.css';

const MINUTE = 60_000;

interface Props {
  search: AlertSearch;
  onRange: (range: Range) => void;
}

/** How much there was, by the minute it was asked: what is drawn in it is the list's range. */
export const Volume = memo(function Volume({ search, onRange }: Props) {
  const now = useNow(MINUTE);
  const [start, end] = spanShown(search, now);
  const from = new Date(start).toISOString();
  const to = new Date(end).toISOString();
  const { data, isError, refetch } = useQuery(histogramQuery(search, from, to));
  const buckets = useMemo(
    () => (data?.buckets ?? []).map((one) => ({ start: Date.parse(one.start), counts: one.by_severity })),
    [data],
  );
  const intervalMs = (data?.interval_seconds ?? 0) * 1000;
  const first = buckets[0]?.start ?? 0;
  const edge = (moment: string | undefined, none: number) =>
    moment ? Math.max(0, Math.min(buckets.length, Math.round((Date.parse(moment) - first) / intervalMs))) : none;
  const drawn = (search.from || search.to) && intervalMs > 0;
  const range: Edges | null = drawn ? [edge(search.from, 0), edge(search.to, buckets.length)] : null;
  function choose(chosen: Edges | null) {
    const at = (edge: number) => new Date(first + edge * intervalMs).toISOString();
    if (chosen) onRange({ from: at(chosen[0]), to: at(chosen[1]) });
    else onRange({});
  }
  // The list goes on without it.
  if (isError && !data)
    return (
      <p className={s.none}>
        Volume cannot be counted now.{' '}
        <button type="button" className="u-link" onClick={() => void refetch()}>
          Try again
        </button>
      </p>
    );
  return <Histogram buckets={buckets} intervalMs={intervalMs} range={range} onRange={choose} of="Alerts" />;
});
