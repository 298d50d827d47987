import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Change, useChanges } from '@/api/live';

/** Changes of a burst are asked for together. */
const GATHER_MS = 1_500;

/** Ask anew for what is under this key when rows of the kind change: of this id alone, where one is named. */
export function useRefresh(kind: string, key: QueryKey, id?: string): void {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const told = JSON.stringify(key);
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && (change.kind !== kind || (id !== undefined && !change.ids.includes(id)))) return;
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        void client.invalidateQueries({ queryKey: JSON.parse(told) as QueryKey });
      }, GATHER_MS);
    },
    [client, kind, id, told],
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
