import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useDegraded } from '@/domain/list/useDegraded';
import { boardQuery, degradedNow, type Incident, incidentsQuery } from './queries';
import { asked, type IncidentSearch } from './search';
import { useFresh } from './useFresh';

const NO_ROWS: readonly Incident[] = [];

/** What the page says of the list, whichever way it is laid out. */
export function useIncidents(search: IncidentSearch) {
  const client = useQueryClient();
  const asBoard = search.layout === 'board';
  const list = useInfiniteQuery({ ...incidentsQuery(search), enabled: !asBoard });
  const board = useQuery({ ...boardQuery(search), enabled: asBoard });
  const rows = useMemo(
    () =>
      (asBoard ? board.data?.parts.flatMap((part) => part.items) : list.data?.pages.flatMap((page) => page.items)) ??
      NO_ROWS,
    [asBoard, board.data, list.data],
  );
  const first = list.data?.pages[0];
  const asOf = asBoard ? board.data?.asOf : first?.asOf;
  const fresh = useFresh(search, rows, asOf);
  // Others moved them: they stay where they were until somebody asks.
  const away = asBoard
    ? (board.data?.parts.reduce(
        (sum, part) => sum + part.items.filter((row) => row.status !== part.status).length,
        0,
      ) ?? 0)
    : 0;
  const shown = asBoard ? board : list;
  const said = asBoard
    ? board.data?.parts.find((part) => part.degraded)?.degraded
    : list.data?.pages.findLast((page) => page.degraded)?.degraded;
  const degraded = useDegraded(said, ['incidents', asked(search), asOf], (signal) => degradedNow(search, signal));
  return {
    rows,
    asOf,
    total: asBoard ? (board.data?.parts.reduce((sum, part) => sum + part.total, 0) ?? null) : (first?.total ?? null),
    degraded,
    news: [fresh.count > 0 && `${fresh.count} new`, away > 0 && `${away} moved`].filter(Boolean).join(', '),
    lag: fresh.lag,
    error: shown.error,
    isPending: shown.isPending,
    hasData: shown.data !== undefined,
    // A column that could not be read is not empty.
    isEmpty: rows.length === 0 && !board.data?.parts.some((part) => asBoard && part.error),
    loading: list.isFetchingNextPage,
    more: list.isFetchNextPageError ? () => void list.fetchNextPage() : undefined,
    retry: () => void shown.refetch(),
    renew: () => {
      client.removeQueries({ queryKey: ['incidents', 'count'] });
      void client.invalidateQueries({ queryKey: ['incidents', 'facets'] });
      return asBoard
        ? client.invalidateQueries({ queryKey: boardQuery(search).queryKey })
        : client.resetQueries({ queryKey: incidentsQuery(search).queryKey });
    },
  };
}
