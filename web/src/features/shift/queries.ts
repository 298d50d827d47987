import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Dashboard = components['schemas']['Dashboard'];

const KEY = 'shift';
/** As many as are looked through for what is due; the riskiest and most severe come first. */
export const LOOKED_THROUGH = 200;
const SHOWN = 6;

/** How things stand, with times and verdicts over so many days. */
export const dashboardQuery = (days: number) =>
  queryOptions({
    queryKey: [KEY, 'dashboard', days],
    queryFn: ({ signal }) => read(api.GET('/api/v1/dashboard', { params: { query: { days } }, signal })),
    placeholderData: keepPreviousData,
  });

const MINE = 'assignee:me';

/** The open alerts of who asks, the riskiest first, with how many there are. */
export const myAlertsQuery = queryOptions({
  queryKey: [KEY, 'mine', 'alerts'],
  queryFn: ({ signal }) => {
    const query = { query: `${MINE} AND status:(new OR acknowledged OR in_progress)`, limit: SHOWN, with_total: true };
    return read(api.GET('/api/v1/alerts', { params: { query }, signal }));
  },
});

/** The unfinished incidents of who asks. */
export const myIncidentsQuery = queryOptions({
  queryKey: [KEY, 'mine', 'incidents'],
  queryFn: ({ signal }) => {
    const query = {
      query: `${MINE} AND status:(open OR investigating OR contained OR on_hold)`,
      limit: SHOWN,
      with_total: true,
    };
    return read(api.GET('/api/v1/incidents', { params: { query }, signal }));
  },
});

/** New alerts, among which those are that have to be acknowledged next. */
export const waitingAlertsQuery = queryOptions({
  queryKey: [KEY, 'waiting'],
  queryFn: ({ signal }) =>
    read(api.GET('/api/v1/alerts', { params: { query: { status: ['new'], limit: LOOKED_THROUGH } }, signal })),
});

/** The most severe unfinished incidents, among which those are whose clocks are due next. */
export const clockedIncidentsQuery = queryOptions({
  queryKey: [KEY, 'clocks'],
  queryFn: ({ signal }) => read(api.GET('/api/v1/incidents', { params: { query: { limit: LOOKED_THROUGH } }, signal })),
});

/** The handover that was made last, whole; null where none was. */
export const lastHandoverQuery = queryOptions({
  queryKey: [KEY, 'handover'],
  queryFn: async ({ signal }) => {
    const { items } = await read(api.GET('/api/v1/handovers', { params: { query: { limit: 1 } }, signal }));
    const [last] = items;
    if (!last) return null;
    return read(api.GET('/api/v1/handovers/{handover_id}', { params: { path: { handover_id: last.id } }, signal }));
  },
});

/** How many alerts there were, also of those that are closed, over a span. */
export const volumeQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: [KEY, 'volume', from, to],
    queryFn: ({ signal }) => {
      const query = { from, to, status: ['new', 'acknowledged', 'in_progress', 'closed'] as const };
      return read(
        api.GET('/api/v1/alerts/histogram', { params: { query: { ...query, status: [...query.status] } }, signal }),
      );
    },
    placeholderData: keepPreviousData,
  });
