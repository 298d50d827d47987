import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { complain, say } from '@/ui/toast';
import { type Channel, channelsQuery, type Route, routesQuery } from './queries';

type Schemas = components['schemas'];
export type ChannelCreate = Schemas['EmailChannel'] | Schemas['WebhookChannel'];
export type ChannelUpdate = Schemas['ChannelUpdate'];
export type RouteCreate = Schemas['RouteCreate'];
export type RouteUpdate = Schemas['RouteUpdate'];

/** Put a row in the place of what the list has of it: what came of a change, or what somebody else made of it. */
function usePut<T extends { id: string }>(queryKey: QueryKey) {
  const client = useQueryClient();
  return {
    put: (row: T) => client.setQueryData<T[]>(queryKey, (rows) => rows?.map((one) => (one.id === row.id ? row : one))),
    putCurrent: (error: unknown): boolean => {
      const { status, body } = asApiError(error);
      const current = status === 412 ? (body as { current?: T }).current : undefined;
      if (current)
        client.setQueryData<T[]>(queryKey, (rows) => rows?.map((one) => (one.id === current.id ? current : one)));
      return current !== undefined;
    },
    refresh: () => client.invalidateQueries({ queryKey }),
  };
}

/** Make a channel; of a webhook's the reply has the key, which nothing tells again. */
export function useCreateChannel() {
  const { refresh } = usePut<Channel>(channelsQuery.queryKey);
  return useMutation({
    mutationFn: (body: ChannelCreate) => read(api.POST('/api/v1/notification-channels', { body })),
    gcTime: 0,
    onSuccess: refresh,
  });
}

/** Change a channel as it was seen. */
export function useChangeChannel(said = 'Saved') {
  const { put, putCurrent } = usePut<Channel>(channelsQuery.queryKey);
  return useMutation({
    mutationFn: ({ channel, body }: { channel: Channel; body: ChannelUpdate }) =>
      read(
        api.PATCH('/api/v1/notification-channels/{channel_id}', {
          params: { path: { channel_id: channel.id }, header: ifMatch(channel.revision) },
          body,
        }),
      ),
    onSuccess: (after) => {
      say({ title: `${said}: ${after.name}` });
      put(after);
    },
    onError: (error) => void putCurrent(error),
  });
}

/** Have a message sent to a channel. */
export function useTestChannel() {
  return useMutation({
    mutationFn: (channel: Channel) =>
      read(
        api.POST('/api/v1/notification-channels/{channel_id}/test', { params: { path: { channel_id: channel.id } } }),
      ),
    onError: (error, { name }) => complain({ title: `Not tested: ${name}`, description: asApiError(error).message }),
  });
}

export function useCreateRoute() {
  const { refresh } = usePut<Route>(routesQuery.queryKey);
  return useMutation({
    mutationFn: (body: RouteCreate) => read(api.POST('/api/v1/notification-routes', { body })),
    onSuccess: () => {
      say({ title: 'Route created' });
      return refresh();
    },
  });
}

/** Change a route as it was seen. */
export function useChangeRoute() {
  const { put, putCurrent } = usePut<Route>(routesQuery.queryKey);
  return useMutation({
    mutationFn: ({ route, body }: { route: Route; body: RouteUpdate }) =>
      read(
        api.PATCH('/api/v1/notification-routes/{route_id}', {
          params: { path: { route_id: route.id }, header: ifMatch(route.revision) },
          body,
        }),
      ),
    onSuccess: (after, { body }) => {
      say({
        title: body.disabled === undefined ? 'Route saved' : after.disabled_at ? 'Route disabled' : 'Route enabled',
      });
      put(after);
    },
    onError: (error, { body }) => {
      const stale = putCurrent(error);
      // The switch in the list has no place of its own for what went wrong.
      if (body.disabled !== undefined)
        complain({
          title: stale ? 'Somebody changed the route first' : 'Route not changed',
          description: stale ? 'It is shown as it is now.' : asApiError(error).message,
        });
    },
  });
}

export function useDeleteRoute() {
  const { refresh } = usePut<Route>(routesQuery.queryKey);
  return useMutation({
    mutationFn: (route: Route) =>
      api.DELETE('/api/v1/notification-routes/{route_id}', { params: { path: { route_id: route.id } } }),
    onSuccess: () => say({ title: 'Route deleted' }),
    onError: (error) => complain({ title: 'Route not deleted', description: asApiError(error).message }),
    onSettled: refresh,
  });
}
