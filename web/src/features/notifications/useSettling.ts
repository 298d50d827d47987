import { type InfiniteData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { components } from '@/api/schema';
import { latestQuery, type Told } from './queries';

type Page = components['schemas']['Page_NotificationRead_'];

/** A change of a row in every list that has it; none is moved or taken out. */
export function usePutTold() {
  const client = useQueryClient();
  return useCallback(
    (rows: readonly Told[]) => {
      const byId = new Map(rows.map((one) => [one.id, one]));
      client.setQueriesData<InfiniteData<Page>>({ queryKey: ['notifications', 'told'] }, (data) =>
        data === undefined || !data.pages.some((page) => page.items.some((row) => differs(row, byId.get(row.id))))
          ? data
          : {
              ...data,
              pages: data.pages.map((page) => ({ ...page, items: page.items.map((row) => byId.get(row.id) ?? row) })),
            },
      );
    },
    [client],
  );
}

const differs = (row: Told, now: Told | undefined) =>
  now !== undefined &&
  (row.status !== now.status || row.attempts !== now.attempts || row.last_error !== now.last_error);

/** Keeps rows that wait to be sent as they are now; how many have come since is told, and shown when asked for. */
export function useSettling(rows: readonly Told[], narrowed: boolean): number {
  const { data } = useQuery(latestQuery(rows.some((one) => one.status === 'pending')));
  const put = usePutTold();
  useEffect(() => {
    if (data) put(data.items);
  }, [data, put]);
  const [first] = rows;
  if (!data || !first || narrowed) return 0;
  return data.items.filter((one) => one.id > first.id).length;
}
