import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type System = components['schemas']['System'];
export type Queue = components['schemas']['Queue'];
export type ParkedMessage = components['schemas']['ParkedMessage'];
export type JobRequest =
  | components['schemas']['Comparison']
  | components['schemas']['Reindex']
  | components['schemas']['ParkedJob'];

const EVERY_MS = 5_000;

/** All parts of the running system; asked for again and again, whether or not it answers. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => read(api.GET('/api/v1/system', { signal })),
  refetchInterval: EVERY_MS,
  refetchIntervalInBackground: false,
  // The next asking comes soon enough.
  retry: false,
});

/** The oldest messages of a parked queue. */
export const parkedQuery = (queue: string) =>
  queryOptions({
    queryKey: ['system', 'parked', queue],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/system/parked/{queue}', { params: { path: { queue }, query: { limit: 50 } }, signal })),
  });
