import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Change, useChanges } from '@/api/live';
import { type Alert, firstPageQuery } from './queries';
import type { AlertSearch } from './search';
import { useShow } from './triage';

/** Changes of a burst are asked for together. */
const GATHER_MS = 2_000;

/** How many of the search's first page are not shown yet. Rows that are shown change where they stand, and none moves. */
export function useFresh(search: AlertSearch, alerts: readonly Alert[]): number {
  const { data, refetch } = useQuery({ ...firstPageQuery(search), enabled: false });
  const show = useShow();
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && change.kind !== 'alert') return;
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        void refetch();
      }, GATHER_MS);
    },
    [refetch],
  );
  useChanges(hear);
  useEffect(() => () => clearTimeout(waiting.current), []);
  useEffect(() => {
    for (const row of data?.items ?? []) show(row.id, (before) => (before.revision < row.revision ? row : before));
  }, [data, show]);
  if (!data || alerts.length === 0) return 0;
  const known = new Set(alerts.map((row) => row.id));
  return data.items.filter((row) => !known.has(row.id)).length;
}
