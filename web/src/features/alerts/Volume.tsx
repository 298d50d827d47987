import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Histogram, type Range } from '@/domain/Histogram';
import { useNow } from '@/domain/useNow';
import { histogramQuery } from './queries';
import type { AlertSearch } from './search';
import s from './Volume.module.css';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Props {
  search: AlertSearch;
  onRange: (from: string | undefined, to: string | undefined) => void;
}

/** How much there was in the last day, by the minute it was asked. */
export function Volume({ search, onRange }: Props) {
  const now = useNow(MINUTE);
  const from = new Date(now - DAY).toISOString();
  const to = new Date(now).toISOString();
  const { data, isError } = useQuery(histogramQuery(search, from, to));
  const buckets = useMemo(
    () => (data?.buckets ?? []).map((one) => ({ start: Date.parse(one.start), counts: one.by_severity })),
    [data],
  );
  const intervalMs = (data?.interval_seconds ?? 0) * 1000;
  const first = buckets[0]?.start ?? 0;
  const edge = (moment: string) => Math.round((Date.parse(moment) - first) / intervalMs);
  const range: Range | null = search.from && search.to && intervalMs > 0 ? [edge(search.from), edge(search.to)] : null;
  function choose(chosen: Range | null) {
    const at = (edge: number) => new Date(first + edge * intervalMs).toISOString();
    if (chosen === null) onRange(undefined, undefined);
    else onRange(at(chosen[0]), at(chosen[1]));
  }
  // The list goes on without it.
  if (isError) return <p className={s.none}>Volume cannot be counted now.</p>;
  return (
    <div className={s.volume}>
      <Histogram buckets={buckets} intervalMs={intervalMs} range={range} onRange={choose} of="Alerts" />
    </div>
  );
}
