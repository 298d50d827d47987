import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useCursor } from '@/domain/grid/cursor';
import { useSelection } from '@/domain/grid/selection';
import { useDegraded } from '@/domain/list/useDegraded';
import { useStable } from '@/lib/stable';
import { alertQuery, alertsQuery, degradedNow } from './queries';
import { type AlertSearch, asked } from './search';
import { look } from './seen';
import { useFresh } from './useFresh';

/** The preview comes to rest before it follows. */
const REST_MS = 120;

/** The list that is shown, where one is in it, what is selected of it, and what has happened since. */
export function useQueue(search: AlertSearch, onOpen: (id: string) => void) {
  const client = useQueryClient();
  const list = useInfiniteQuery(alertsQuery(search));
  const { data } = list;
  const alerts = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const ids = useMemo(() => alerts.map((alert) => alert.id), [alerts]);
  const first = data?.pages[0];
  const asOf = first?.asOf ?? 0;
  const selection = useSelection();
  const cursor = useCursor(ids, search.open);
  const selecting = selection.ids.size > 0 || selection.allSince !== undefined;
  const fresh = useFresh(search, alerts, asOf, selecting);

  // All of one question are others than all of another.
  const question = JSON.stringify(asked(search));
  const meant = useRef(question);
  useEffect(() => {
    if (meant.current !== question && selection.allSince !== undefined) selection.clear();
    meant.current = question;
  }, [question, selection]);

  // Another list begins at its top, the same one where it was.
  const of = JSON.stringify([asked(search), search.sort]);
  const shown = useRef(of);
  useEffect(() => {
    if (shown.current === of) return;
    shown.current = of;
    cursor.to(0);
  }, [of, cursor.to]);

  const following = search.open !== undefined && cursor.moved && cursor.id !== undefined && cursor.id !== search.open;
  useEffect(() => {
    if (!following) return;
    const timer = setTimeout(() => cursor.id && onOpen(cursor.id), REST_MS);
    return () => clearTimeout(timer);
  }, [following, cursor.id, onOpen]);
  // Who holds a key down goes by many, and looks at none of them.
  const next = search.open === undefined || following ? undefined : ids[cursor.index + 1];
  useEffect(() => {
    if (search.open) look(search.open);
    if (next) void client.prefetchQuery(alertQuery(next));
  }, [client, search.open, next]);

  const showNew = useStable(() => {
    cursor.to(0);
    // Whatever was new is shown now.
    client.removeQueries({ predicate: ({ queryKey }) => String(queryKey[2]).includes('new_since') });
    void client.resetQueries({ queryKey: alertsQuery(search).queryKey });
  });
  const said = data?.pages.findLast((page) => page.degraded)?.degraded;
  const degraded = useDegraded(said, ['alerts', of, asOf], (signal) => degradedNow(search, signal));
  return {
    of,
    list,
    alerts,
    ids,
    cursor,
    selection,
    selecting,
    fresh,
    asOf,
    current: alerts[cursor.index],
    total: first?.total ?? null,
    degraded,
    showNew,
  };
}

export type Queue = ReturnType<typeof useQueue>;
