import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { Job } from '@/domain/job/job';

export type Item = components['schemas']['JobItemRead'];
export type ItemStatus = Item['status'];

const PAGE = 50;
const OFTEN_MS = 2_000;

export const isUnderWay = (job: Job): boolean => job.status === 'pending' || job.status === 'running';

/** One's own jobs and those one may see, the latest first; often while one is under way. */
export const jobsQuery = infiniteQueryOptions({
  queryKey: ['jobs', 'list'],
  queryFn: ({ pageParam, signal }) =>
    read(
      api.GET('/api/v1/jobs', {
        params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
  refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some(isUnderWay)) ? OFTEN_MS : false),
});

/** What became of its rows, of one kind. */
export const itemsQuery = (id: string, status: ItemStatus) =>
  infiniteQueryOptions({
    queryKey: ['jobs', 'items', id, status],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET('/api/v1/jobs/{job_id}/items', {
          params: { path: { job_id: id }, query: { status, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
