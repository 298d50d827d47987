import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import type { Span } from './search';
import { topOf, type ValueCount } from './values';

export type Event = components['schemas']['EventFound'];
export type EventDetail = components['schemas']['EventDetail'];

/** What is asked for, at one moment: the range is fixed by it. */
export interface Asked extends Span {
  query: string | undefined;
}

const PAGE = 100;
const SAMPLE = 200;
const FRESH_MS = 10_000;
const AGAIN_MS = 15_000;

const asked = ({ query, from, to }: Asked) => ({ from, to, ...(query && { query }) });
/** What may work by itself later is asked for again. */
const again = ({ state }: { state: { error: unknown } }) =>
  state.error && asApiError(state.error).passing ? AGAIN_MS : (false as const);

/** Events, the latest first, each with these fields of it. */
export const eventsQuery = (wanted: Asked, fields: readonly string[]) =>
  infiniteQueryOptions({
    queryKey: ['events', 'list', wanted, fields],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...asked(wanted),
        limit: PAGE,
        with_total: pageParam === null,
        ...(fields.length > 0 && { field: [...fields] }),
        ...(pageParam && { cursor: pageParam }),
      };
      return read(api.GET('/api/v1/events', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchInterval: again,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** How many there were when, by kind. */
export const histogramQuery = (wanted: Asked) =>
  queryOptions({
    queryKey: ['events', 'histogram', wanted],
    queryFn: ({ signal }) => read(api.GET('/api/v1/events/histogram', { params: { query: asked(wanted) }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** How many came since, asked every ten seconds while somebody looks. */
export const freshQuery = (query: string | undefined, since: string) =>
  queryOptions({
    queryKey: ['events', 'fresh', query, since],
    queryFn: async ({ signal }) => {
      const params = { query: { from: since, limit: 1, with_total: true, ...(query && { query }) } };
      return (await read(api.GET('/api/v1/events', { params, signal }))).total ?? 0;
    },
    refetchInterval: FRESH_MS,
    retry: false,
  });

/** The most frequent values of a field in the latest events that match, as far as these are counted. */
export const topQuery = (wanted: Asked, field: string) =>
  queryOptions({
    queryKey: ['events', 'top', wanted, field],
    queryFn: async ({ signal }): Promise<{ of: number; all: boolean; values: ValueCount[] }> => {
      const query = { ...asked(wanted), limit: SAMPLE, field: [field] };
      const { items, next_cursor } = await read(api.GET('/api/v1/events', { params: { query }, signal }));
      return { of: items.length, all: !next_cursor, values: topOf(items.map((one) => one.fields[field] ?? [])) };
    },
    staleTime: 60_000,
    retry: false,
  });

/** One event with its document; it is read without search. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => read(api.GET('/api/v1/events/{event_id}', { params: { path: { event_id: id } }, signal })),
    staleTime: 60_000,
  });

/** The same with the record as it came. The audit keeps who asked. */
export const originalQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'original', id],
    queryFn: ({ signal }) => {
      const params = { path: { event_id: id }, query: { original: true } };
      return read(api.GET('/api/v1/events/{event_id}', { params, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** How the event came here. */
export const receiptQuery = (id: string) =>
  queryOptions({
    queryKey: ['receipts', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/receipts/{receipt_id}', { params: { path: { receipt_id: id } }, signal })),
    staleTime: 60_000,
    retry: false,
  });

/** Whether any sensor has ever sent something, of the first hundred. */
export const sendingQuery = queryOptions({
  queryKey: ['sensors', 'sending'],
  queryFn: async ({ signal }) => {
    const { items } = await read(api.GET('/api/v1/sensors', { params: { query: { limit: 100 } }, signal }));
    return { sensors: items.length, sending: items.some((one) => one.last_seen_at !== null) };
  },
  staleTime: 30_000,
});

export const startExport = (body: components['schemas']['ExportRequest']) =>
  read(api.POST('/api/v1/exports', { body }));

/** Where a copy is fetched. */
export const exportPath = (jobId: string): string => `/api/v1/exports/${jobId}/content`;
