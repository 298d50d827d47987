import { onlineManager, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { api, read } from '@/api/client';
import { useLiveness } from '@/api/live';
import { asApiError } from '@/api/problem';

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
    queryKey: ['shell', 'reachable'],
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
  useEffect(() => {
    if (!suspect || !answered) return;
    setSuspect(false);
    client.removeQueries({ queryKey: ['shell', 'reachable'] });
    void client.invalidateQueries({
      predicate: (query) => query.state.status === 'error' || (query.isActive() && !query.meta?.still),
    });
  }, [client, suspect, answered]);
  return online && !(suspect && answered === false);
}
