import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { IncidentStatus } from '@/domain/incident';
import { allOf, quoted } from '@/lib/query';
import { type Asked, asked, type IncidentSearch, STATUSES } from './search';

export type Incident = components['schemas']['IncidentListed'];
export type IncidentDetail = components['schemas']['IncidentDetail'];
export type Clock = components['schemas']['ClockRead'];
type Page = components['schemas']['IncidentPage'];
type Query = NonNullable<paths['/api/v1/incidents']['get']['parameters']['query']>;

/** A piece of a list, and when it was asked for. */
export type ListPage = Page & { asOf: number };

const PAGE = 100;
const COLUMN = 25;

async function list(query: Query, signal: AbortSignal): Promise<ListPage> {
  const asOf = Date.now();
  return { ...(await read(api.GET('/api/v1/incidents', { params: { query }, signal }))), asOf };
}

const shapingOf = (search: IncidentSearch) => ({ ...asked(search), ...(search.sort && { sort: search.sort }) });

// What is shown moves when it is opened anew or somebody asks for it, and not because a window got the focus.
const STILL = { refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** The list, page by page. */
export const incidentsQuery = (search: IncidentSearch) => {
  const shaping = shapingOf(search);
  return infiniteQueryOptions({
    ...STILL,
    queryKey: ['incidents', 'list', shaping],
    queryFn: ({ pageParam, signal }) =>
      list(
        { ...shaping, limit: PAGE, with_total: pageParam === null, ...(pageParam && { cursor: pageParam }) },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
};

/** One status of the board; where it could not be read, why. */
export interface BoardPart {
  status: IncidentStatus;
  items: Incident[];
  total: number;
  next: string | null;
  degraded: string | null;
  error?: unknown;
}

export interface BoardData {
  parts: BoardPart[];
  asOf: number;
}

const partQuery = (search: IncidentSearch, status: IncidentStatus): Query => ({
  ...shapingOf(search),
  status: [status],
});

/** The same list as the board has it, by status. What was loaded of each is loaded again. */
export const boardQuery = (search: IncidentSearch) =>
  queryOptions({
    ...STILL,
    queryKey: ['incidents', 'board', shapingOf(search)],
    queryFn: async ({ client, queryKey, signal }): Promise<BoardData> => {
      const before = client.getQueryData<BoardData>(queryKey)?.parts ?? [];
      const asOf = Date.now();
      const parts = await Promise.all(
        asked(search).status.map(async (status): Promise<BoardPart> => {
          const shown = before.find((one) => one.status === status)?.items.length ?? 0;
          const limit = Math.min(PAGE, Math.max(COLUMN, shown));
          try {
            return partOf(status, await list({ ...partQuery(search, status), limit, with_total: true }, signal));
          } catch (error) {
            return { status, items: [], total: 0, next: null, degraded: null, error };
          }
        }),
      );
      const failed = parts.find((one) => one.error);
      if (failed && parts.every((one) => one.error)) throw failed.error;
      return { parts, asOf };
    },
    placeholderData: keepPreviousData,
  });

/** What follows in one column. */
export const moreOf = (search: IncidentSearch, { status, next }: BoardPart) =>
  list({ ...partQuery(search, status), limit: COLUMN, ...(next && { cursor: next }) }, new AbortController().signal);

const partOf = (status: IncidentStatus, page: ListPage): BoardPart => ({
  status,
  items: page.items,
  total: page.total ?? page.items.length,
  next: page.next_cursor ?? null,
  degraded: page.degraded ?? null,
});

/** Why the same search is answered without OpenSearch now; null where it is not. */
export const degradedNow = async (search: IncidentSearch, signal: AbortSignal): Promise<string | null> =>
  (await list({ ...shapingOf(search), limit: 1 }, signal)).degraded ?? null;

/** Whatever has become of it. */
export const EVERY = { status: [...STATUSES] };

/** How many a search finds. */
const countQuery = (what: Asked) =>
  queryOptions({
    queryKey: ['incidents', 'count', what],
    queryFn: async ({ signal }) => (await list({ ...what, limit: 1, with_total: true }, signal)).total ?? 0,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

/** How many of a search were opened after a moment. */
export const freshQuery = (search: IncidentSearch, since: string) => {
  const { status, query } = asked(search);
  const later = `created_at:>"${since}"`;
  return countQuery({ status, query: query ? (allOf([query, later]) ?? later) : later });
};

/** Rows as they are now, whatever they have become. */
export const rowsNow = async (ids: readonly string[], signal: AbortSignal): Promise<Incident[]> =>
  (await list({ ...EVERY, query: `id:(${ids.map(quoted).join(' OR ')})`, limit: ids.length }, signal)).items;

/** One with all that belongs to it. */
export const detailQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', 'shown', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: id } }, signal })),
  });

export type Template = components['schemas']['TemplateRead'];

/** What an incident may begin with. */
export const templatesQuery = queryOptions({
  queryKey: ['incident-templates'],
  queryFn: async ({ signal }) =>
    (await read(api.GET('/api/v1/incident-templates', { params: { query: { limit: 100 } }, signal }))).items,
  staleTime: 60_000,
});
