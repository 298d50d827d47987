import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Change, useChanges } from '@/api/live';
import { useStable } from '@/lib/stable';

/** Changes of a burst are asked for together. */
const GATHER_MS = 1_500;

interface Options {
  /** Only when this row changes. */
  id?: string;
  /** For how long changes are gathered, where what is asked for costs more than a row, or is not read that fast. */
  gather?: number;
}

/** Ask anew for what is under these keys when rows of the kinds change. */
export function useRefresh(kinds: string | readonly string[], keys: readonly QueryKey[], options: Options = {}): void {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const concerns = useStable(
    (change: Change) =>
      change === 'reset' ||
      ([kinds].flat().includes(change.kind) && (options.id === undefined || change.ids.includes(options.id))),
  );
  const refresh = useStable(() => {
    waiting.current = undefined;
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
  });
  const { gather = GATHER_MS } = options;
  const hear = useCallback(
    (change: Change) => {
      if (concerns(change)) waiting.current ??= setTimeout(refresh, gather);
    },
    [concerns, refresh, gather],
  );
  useChanges(hear);
  useEffect(
    () => () => {
      clearTimeout(waiting.current);
      waiting.current = undefined;
    },
    [],
  );
}
