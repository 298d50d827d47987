import { onlineManager, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { api, read } from '@/api/client';
import { useLiveness } from '@/api/live';
import { asApiError } from '@/api/problem';

const KEY = ['shell', 'reachable'];
const AGAIN_MS = 4_000;

/** Whether the server can be reached; when it can again, what failed or is shown is asked for anew. */
export function useReachable(): boolean {
  const client = useQueryClient();
  const online = useSyncExternalStore(onlineManager.subscribe.bind(onlineManager), () => onlineManager.isOnline());
  const [suspect, setSuspect] = useState(false);
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || (event.action.type !== 'error' && event.action.type !== 'failed')) return;
        if (asApiError(event.action.error).unreachable) setSuspect(true);
      }),
    [client],
  );
  // Who only reads asks nothing; the stream falls silent all the same.
  const offline = useLiveness() === 'offline';
  useEffect(() => {
    if (offline) setSuspect(true);
  }, [offline]);
  // One request that fails may be that request; whether the server is away is asked of the server.
  const probe = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      try {
        await read(api.GET('/api/v1/auth/methods', { signal }));
        return true;
      } catch (error) {
        return !asApiError(error).unreachable;
      }
    },
    enabled: suspect,
    networkMode: 'always',
    retry: false,
    gcTime: 0,
    refetchInterval: AGAIN_MS,
    refetchIntervalInBackground: true,
  });
  const answered = probe.data;
  const away = useRef(false);
  useEffect(() => {
    if (!suspect || answered === undefined) return;
    if (!answered) {
      away.current = true;
      return;
    }
    setSuspect(false);
    client.removeQueries({ queryKey: KEY });
    // Where it was there all the time, one request failed by itself, and would again.
    if (away.current)
      void client.invalidateQueries({
        predicate: (one) => one.state.status === 'error' || (one.isActive() && !one.meta?.still),
      });
    away.current = false;
  }, [client, suspect, answered]);
  return online && !(suspect && answered === false);
}
