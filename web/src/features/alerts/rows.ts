import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useStable } from '@/lib/stable';
import { type Alert, type ListPage, rowsNow } from './queries';

/** As many as one query may name. */
const AT_ONCE = 90;
/** More than these are shown as they are when they are listed anew. */
const MOST = 900;

/** Changes rows in every list that has them; none is moved or taken out, for rows never jump. */
export function useShow() {
  const client = useQueryClient();
  return useCallback(
    (ids: readonly string[], change: (row: Alert) => Alert) => {
      const wanted = new Set(ids);
      client.setQueriesData<InfiniteData<ListPage>>({ queryKey: ['alerts', 'list'] }, (data) => {
        if (!data?.pages.some((page) => page.items.some((row) => wanted.has(row.id)))) return data;
        const pages = data.pages.map((page) =>
          page.items.some((row) => wanted.has(row.id))
            ? { ...page, items: page.items.map((row) => (wanted.has(row.id) ? change(row) : row)) }
            : page,
        );
        return { ...data, pages };
      });
    },
    [client],
  );
}

/** Reads rows that are shown anew, each in its place. Says when the latest of them changed. */
export function useRefresh(): (ids: readonly string[]) => Promise<number | undefined> {
  const show = useShow();
  return useStable(async (ids: readonly string[]) => {
    let latest: number | undefined;
    for (let from = 0; from < Math.min(ids.length, MOST); from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      const now = await rowsNow(some, AbortSignal.timeout(30_000));
      const byId = new Map(now.map((row) => [row.id, row]));
      show(some, (row) => newer(row, byId.get(row.id)));
      latest = Math.max(latest ?? 0, ...now.map((row) => Date.parse(row.updated_at)));
    }
    return latest;
  });
}

/** Events that fold into an alert are no revision of it, but a change. */
function newer(row: Alert, other: Alert | undefined): Alert {
  if (!other || Date.parse(other.updated_at) < Date.parse(row.updated_at)) return row;
  return other;
}
