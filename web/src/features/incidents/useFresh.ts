import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Change, useChanges } from '@/api/live';
import { useStable } from '@/lib/stable';
import { freshQuery, type Incident, rowsNow } from './queries';
import { reread, show } from './rows';
import type { IncidentSearch } from './search';

/** Changes of a burst are asked for together. */
const GATHER_MS = 2_000;
/** As many rows are asked for at once; more are read anew when the list is. */
const ROWS = 90;

interface Fresh {
  /** How many were opened since the list was read. */
  count: number;
  /** How long after it happened the latest change was shown, in milliseconds; undefined before the first. */
  lag: number | undefined;
}

/** What happens while a list is shown. Its rows change where they stand and none moves; what is new is counted. */
export function useFresh(search: IncidentSearch, rows: readonly Incident[], asOf: number | undefined): Fresh {
  const client = useQueryClient();
  const [lag, setLag] = useState<number | undefined>();
  const heard = useRef(new Set<string>());
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const since = new Date(asOf ?? 0).toISOString();
  const fresh = useQuery({ ...freshQuery(search, since), enabled: false, placeholderData: 0 });

  const shown = useStable(() => rows.map((row) => row.id));
  const ask = useStable(async () => {
    waiting.current = undefined;
    const known = new Set(rows.map((row) => row.id));
    const ids = [...heard.current].filter((id) => known.has(id)).slice(0, ROWS);
    heard.current.clear();
    if (ids.length > 0) {
      const now = await rowsNow(ids, new AbortController().signal).catch((error: unknown) => {
        for (const id of ids) heard.current.add(id);
        throw error;
      });
      const byId = new Map(now.map((row) => [row.id, row]));
      show(client, ids, (row) => reread(row, byId.get(row.id)));
      const latest = Math.max(...now.map((row) => Date.parse(row.updated_at)));
      if (Number.isFinite(latest)) setLag(Math.max(0, Date.now() - latest));
    }
    if (asOf !== undefined) void fresh.refetch();
    void client.invalidateQueries({ queryKey: ['incidents', 'facets'] });
  });
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && change.kind !== 'incident') return;
      // What was missed may be of any row.
      for (const id of change === 'reset' ? shown() : change.ids) heard.current.add(id);
      waiting.current ??= setTimeout(() => void ask().catch(() => undefined), GATHER_MS);
    },
    [ask, shown],
  );
  useChanges(hear);
  useEffect(
    () => () => {
      clearTimeout(waiting.current);
      waiting.current = undefined;
    },
    [],
  );
  return { count: fresh.data ?? 0, lag };
}
