import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Change, useChanges } from '@/api/live';
import { useStable } from '@/lib/stable';
import { type Alert, freshQuery } from './queries';
import { useRefresh } from './rows';
import type { AlertSearch } from './search';

/** Changes of a burst are asked for together. */
const GATHER_MS = 2_000;
/** Counts cost more than rows, and nobody reads them that fast. */
const COUNT_MS = 10_000;

export interface Fresh {
  /** How many became new since the list was read. */
  count: number;
  /** How long after it happened the latest change was shown, in milliseconds; undefined before the first. */
  lag: number | undefined;
}

/** What happens while a list is shown. Its rows change where they stand and none moves; what is new is counted. */
export function useFresh(search: AlertSearch, rows: readonly Alert[], since: number, paused: boolean): Fresh {
  const client = useQueryClient();
  const refresh = useRefresh();
  const [lag, setLag] = useState<number | undefined>();
  const heard = useRef(new Set<string>());
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const counting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const from = new Date(since).toISOString();
  const fresh = useQuery({ ...freshQuery(search, from), enabled: false });

  const shown = useStable(() => rows.map((row) => row.id));
  const ask = useStable(async () => {
    waiting.current = undefined;
    const known = new Set(shown());
    const changed = heard.current;
    heard.current = new Set();
    const looked = (id: unknown) => changed.has(String(id));
    void client.invalidateQueries({
      predicate: ({ queryKey: [of, part, id] }) => of === 'alerts' && part === 'one' && looked(id),
    });
    const latest = await refresh([...changed].filter((id) => known.has(id))).catch((error: unknown) => {
      for (const id of changed) heard.current.add(id);
      throw error;
    });
    if (latest) setLag(Math.max(0, Date.now() - latest));
    if (!paused) void fresh.refetch();
    counting.current ??= setTimeout(recount, COUNT_MS);
  });
  const recount = useStable(() => {
    counting.current = undefined;
    // They stand still under somebody who selects by them.
    if (paused) return;
    for (const what of ['facets', 'histogram', 'count']) void client.invalidateQueries({ queryKey: ['alerts', what] });
  });
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && change.kind !== 'alert') return;
      // What was missed may be of any row.
      for (const id of change === 'reset' ? shown() : change.ids) heard.current.add(id);
      waiting.current ??= setTimeout(() => void ask().catch(() => undefined), GATHER_MS);
    },
    [ask, shown],
  );
  useChanges(hear);
  // A list that was left is shown again as it was: nobody heard what became of it meanwhile.
  const left = useRef(rows.length > 0 && Date.now() - since > COUNT_MS);
  useEffect(() => {
    if (left.current) hear('reset');
    left.current = false;
  }, [hear]);
  useEffect(
    () => () => {
      clearTimeout(waiting.current);
      clearTimeout(counting.current);
    },
    [],
  );
  const count = fresh.data ?? 0;
  return useMemo(() => ({ count, lag }), [count, lag]);
}
