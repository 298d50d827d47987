import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Change, useChanges } from '@/api/live';

/** Changes of a burst are asked for together. */
const GATHER_MS = 1_000;

/** Reads rows anew that changed; of others it is told that there are some, and the reply shows them. */
export function useLive(rows: readonly { id: string }[]): (() => void) | undefined {
  const client = useQueryClient();
  const [others, setOthers] = useState(false);
  const known = useRef(new Set<string>());
  known.current = new Set(rows.map((row) => row.id));
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && change.kind !== 'suppression') return;
      if (change !== 'reset' && change.ids.some((id) => !known.current.has(id))) return setOthers(true);
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        void client.invalidateQueries({ queryKey: ['suppressions'] });
      }, GATHER_MS);
    },
    [client],
  );
  useChanges(hear);
  useEffect(
    () => () => {
      clearTimeout(waiting.current);
      waiting.current = undefined;
    },
    [],
  );
  if (!others) return undefined;
  return () => {
    setOthers(false);
    void client.invalidateQueries({ queryKey: ['suppressions'] });
  };
}
