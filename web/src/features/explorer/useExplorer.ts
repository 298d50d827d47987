import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useCursor } from '@/domain/grid/cursor';
import { formatCount, formatTotal } from '@/lib/format';
import { FIRST, fieldsOf } from './columns';
import { countsOf } from './count';
import { type Asked, eventsQuery, freshQuery, histogramQuery } from './queries';
import { type ExplorerSearch, goesOn, queryOf, spanAt } from './search';

/** The drawer comes to rest before it follows. */
const REST_MS = 120;

/** The list as of the moment it was asked for, where in it one is, and how many have come since. */
export function useExplorer(search: ExplorerSearch, onOpen: (id: string) => void) {
  const client = useQueryClient();
  const [turn, setTurn] = useState(0);
  const query = queryOf(search);
  const { last, from, to } = search;
  // What else is asked for, or again, is asked for as of now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what makes it another moment
  const asOf = useMemo(() => Date.now(), [turn, query, last, from, to]);
  const asked: Asked = useMemo(() => ({ query, ...spanAt({ last, from, to }, asOf) }), [query, last, from, to, asOf]);
  const columns = search.columns ?? FIRST;
  const fields = fieldsOf(columns);
  const list = useInfiniteQuery(eventsQuery(asked, fields));
  const events = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const ids = useMemo(() => events.map((event) => event.id), [events]);
  const cursor = useCursor(ids, search.open);

  const newest = events[0]?.time;
  const since = new Date(newest ? Date.parse(newest) + 1 : asOf).toISOString();
  const open = goesOn({ to }, asOf) && list.isSuccess && !list.isPlaceholderData;
  const fresh = useQuery({ ...freshQuery(query, since), enabled: open });

  const volume = useQuery(histogramQuery(asked));
  // The histogram counts further than the list does.
  const counts = volume.isPlaceholderData ? undefined : volume.data && countsOf(volume.data.buckets);
  const total = list.data?.pages[0]?.total ?? null;

  useFollowing(cursor.id, ids, search.open, onOpen);
  return {
    asked,
    asOf,
    columns,
    list,
    events,
    ids,
    cursor,
    current: events[cursor.index],
    total,
    volume,
    counts,
    /** How many match, as people say it. */
    whole: counts ? formatCount(counts.alert + counts.telemetry) : total === null ? undefined : formatTotal(total),
    fresh: open ? (fresh.data ?? 0) : 0,
    showNew: () => {
      cursor.to(0);
      setTurn((before) => before + 1);
    },
    /** Fetches as much as is shown with these columns' fields, so that nobody begins at the first page again. */
    prepare: (wanted: readonly string[]) =>
      void client.prefetchInfiniteQuery({
        ...eventsQuery(asked, fieldsOf(wanted)),
        pages: Math.max(1, list.data?.pages.length ?? 1),
      }),
  };
}

export type Explorer = ReturnType<typeof useExplorer>;

/** While an event is shown beside the list, it is the one that somebody goes to; it stays where the list is another. */
function useFollowing(
  at: string | undefined,
  ids: readonly string[],
  shown: string | undefined,
  onOpen: (id: string) => void,
): void {
  const before = useRef({ at, ids });
  useEffect(() => {
    const moved = before.current.ids === ids && before.current.at !== at;
    before.current = { at, ids };
    if (!moved || shown === undefined || at === undefined || at === shown) return;
    const timer = setTimeout(() => onOpen(at), REST_MS);
    return () => clearTimeout(timer);
  }, [at, ids, shown, onOpen]);
}
