import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Change, useChanges } from '@/api/live';
import { refreshIncident } from './change';

/** Changes of a burst are asked for together. */
const GATHER_MS = 800;

/** Ask anew when somebody changed the incident, or what hangs on it. */
export function useLiveIncident(id: string): void {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hear = useCallback(
    (change: Change) => {
      if (change !== 'reset' && !(change.kind === 'incident' && change.ids.includes(id))) return;
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        void refreshIncident(client, id);
      }, GATHER_MS);
    },
    [client, id],
  );
  useChanges(hear);
  useEffect(() => () => clearTimeout(waiting.current), []);
}
