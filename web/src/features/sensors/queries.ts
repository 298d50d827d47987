import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Sensor = components['schemas']['SensorRead'];
export type SensorDetail = components['schemas']['SensorDetail'];
export type SensorCreated = components['schemas']['SensorCreated'];
export type Key = components['schemas']['KeyRead'];
export type Sheet = components['schemas']['BalanceSheet'];
export type Account = Sheet['total'];
export type Minute = components['schemas']['MinuteAccount'];
export type Shipper = components['schemas']['Shipper'];

const PAGE = 50;
const OFTEN_MS = 15_000;

/** Sensors by name, page by page. */
export const sensorsQuery = infiniteQueryOptions({
  queryKey: ['sensors', 'list'],
  queryFn: ({ pageParam, signal }) =>
    read(
      api.GET('/api/v1/sensors', {
        params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
});

/** What came of a sensor in the last so many minutes, minute by minute. */
export const sheetQuery = (id: string, minutes: number) =>
  queryOptions({
    queryKey: ['sensors', 'sheet', id, minutes],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - minutes * 60_000).toISOString();
      const query = { from, step: 'minute' as const };
      return read(
        api.GET('/api/v1/sensors/{sensor_id}/accounts', { params: { path: { sensor_id: id }, query }, signal }),
      );
    },
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN_MS,
  });

/** How a shipper is told to send to this sensor, with SENSOR_KEY where its key belongs. */
export const snippetQuery = (id: string, shipper: Shipper) =>
  queryOptions({
    queryKey: ['sensors', 'snippet', id, shipper],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/sensors/{sensor_id}/snippet', {
          params: { path: { sensor_id: id }, query: { shipper } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The latest event of a sensor, if any came within a day. */
export const latestEventQuery = (id: string) =>
  queryOptions({
    queryKey: ['sensors', 'latest', id],
    queryFn: async ({ signal }) => {
      const query = { query: `sensor_id:"${id}"`, limit: 1 };
      const page = await read(api.GET('/api/v1/events', { params: { query }, signal }));
      return page.items[0] ?? null;
    },
  });
