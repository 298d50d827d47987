import { type Query, useQuery } from '@tanstack/react-query';
import { useNow } from '@/domain/useNow';
import { facetsQuery, histogramQuery } from './queries';
import type { AlertSearch } from './search';
import { spanShown } from './span';

const MINUTE = 60_000;
const AGAIN_MS = 30_000;

/** How many there were over the time that is shown, by severity. */
export const useHistogram = (search: AlertSearch) => useQuery(histogramNow(search, useNow(MINUTE)));

function histogramNow(search: AlertSearch, now: number) {
  const [start, end] = spanShown(search, now);
  return histogramQuery(search, new Date(start).toISOString(), new Date(end).toISOString());
}

/** Why the counts are made without search; asked anew, where no change does, until they are made with it. */
export function useCountedWithout(search: AlertSearch): string | undefined {
  const severities = useQuery({ ...facetsQuery(search, ['severity']), refetchInterval: againWhere });
  const histogram = useQuery({ ...histogramNow(search, useNow(MINUTE)), refetchInterval: againWhere });
  return severities.data?.degraded ?? histogram.data?.degraded ?? undefined;
}

const againWhere = ({ state }: Pick<Query<{ degraded: string | null }>, 'state'>) =>
  state.data?.degraded ? AGAIN_MS : false;
