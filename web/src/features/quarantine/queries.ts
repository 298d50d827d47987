import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { QuarantineSearch, Status } from './search';

export type Listed = components['schemas']['RecordRead'];
export type RecordDetail = components['schemas']['RecordDetail'];
export type Group = components['schemas']['Group'];

const PAGE = 50;
const OFTEN_MS = 1_500;
const SELDOM_MS = 15_000;

/** Records that match, the latest first. */
export const recordsQuery = ({ status = 'open', reason, sensor, requested }: QuarantineSearch) => {
  const asked = {
    status,
    ...(reason && { reason }),
    ...(sensor && { sensor_id: sensor }),
    ...(requested && { requested }),
  };
  return infiniteQueryOptions({
    queryKey: ['quarantine', 'list', asked],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET('/api/v1/quarantine', {
          params: { query: { ...asked, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
};

/** How many there are, by sensor, reason and what was asked for; often while something is being done. */
export const summaryQuery = (status: Status = 'open') =>
  queryOptions({
    queryKey: ['quarantine', 'summary', status],
    queryFn: ({ signal }) => read(api.GET('/api/v1/quarantine/summary', { params: { query: { status } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.groups.some((group) => group.requested !== null) ? OFTEN_MS : SELDOM_MS,
  });

/** One record with its bytes; asked for again until what was requested of it is done. */
export const recordQuery = (id: string) =>
  queryOptions({
    queryKey: ['quarantine', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/quarantine/{record_id}', { params: { path: { record_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.requested ? OFTEN_MS : false),
  });
