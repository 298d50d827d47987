import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { NotificationsSearch } from './search';

export type Channel = components['schemas']['ChannelRead'];
export type Route = components['schemas']['RouteRead'];
export type Told = components['schemas']['NotificationRead'];

const PAGE = 100;
/** As many as there may be of each in an organization are on one page. */
const ALL = 200;
/** As long as something waits to be sent. */
const WAITING_MS = 4_000;

/** Channels, the first made first. Only for who looks after some. */
export const channelsQuery = queryOptions({
  queryKey: ['notifications', 'channels'],
  queryFn: ({ signal }) =>
    all((query) => read(api.GET('/api/v1/notification-channels', { params: { query }, signal }))),
});

/** One's own routes, and those to the channels that one looks after. */
export const routesQuery = queryOptions({
  queryKey: ['notifications', 'routes'],
  queryFn: ({ signal }) => all((query) => read(api.GET('/api/v1/notification-routes', { params: { query }, signal }))),
});

/** What was told, the latest first. It is asked for anew by hand alone, so that no row moves while it is read. */
export const toldQuery = ({ status, kind }: NotificationsSearch) => {
  const filters = { ...(status && { status }), ...(kind && { kind }) };
  return infiniteQueryOptions({
    queryKey: ['notifications', 'told', filters],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...filters, ...(pageParam && { cursor: pageParam }) };
      return read(api.GET('/api/v1/notifications', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
};

/** The latest as they are now, while something waits. */
export const latestQuery = (waiting: boolean) =>
  queryOptions({
    queryKey: ['notifications', 'latest'],
    queryFn: ({ signal }) => read(api.GET('/api/v1/notifications', { params: { query: { limit: ALL } }, signal })),
    enabled: waiting,
    staleTime: 0,
    refetchInterval: waiting ? WAITING_MS : false,
  });

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

async function all<T>(page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const next = await page({ limit: ALL, ...(cursor && { cursor }) });
    items.push(...next.items);
    cursor = next.next_cursor ?? undefined;
  } while (cursor);
  return items;
}
