import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Suppression = components['schemas']['SuppressionRead'];

/** Small, for each row asks for its own figures. */
const PAGE = 25;

const first = null as string | null;

/** Those that have not ended, the latest first; or those that have. */
export const suppressionsQuery = (ended: boolean) =>
  infiniteQueryOptions({
    queryKey: ['suppressions', 'list', { ended }],
    queryFn: ({ pageParam, signal }) => {
      const query = { ended, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return read(api.GET('/api/v1/suppressions', { params: { query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

/** One, with what it has done so far. */
export const suppressionQuery = (id: string) =>
  queryOptions({
    queryKey: ['suppressions', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/suppressions/{suppression_id}', { params: { path: { suppression_id: id } }, signal })),
  });

/** Its versions, the latest first. */
export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['suppressions', 'versions', id],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET('/api/v1/suppressions/{suppression_id}/versions', {
          params: { path: { suppression_id: id }, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
