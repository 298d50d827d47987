import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Change, useChanges } from '@/api/live';

/** Changes of a burst are asked for together. */
const GATHER_MS = 1_000;

/** Reads anew what of an alert's page may have changed; its events wait until they are asked for. */
export function useLive(alertId: string): void {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && !(change.kind === 'alert' && change.ids.includes(alertId))) return;
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        for (const part of ['one', 'notes', 'history'])
          void client.invalidateQueries({ queryKey: ['alerts', part, alertId] });
      }, GATHER_MS);
    },
    [client, alertId],
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
