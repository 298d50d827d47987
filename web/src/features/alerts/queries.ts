import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { FacetValue } from '@/domain/list/Facets';
import { allOf, quoted } from '@/lib/query';
import { type AlertSearch, asked, counted, EVERYTHING, explicit, isQueue, wholeOf } from './search';

export type Alert = components['schemas']['AlertListed'];
export type AlertDetail = components['schemas']['AlertDetail'];
/** An alert as both lists and its own page know it. */
export type AnyAlert = Pick<AlertDetail, keyof Alert & keyof AlertDetail>;
export type Offer = components['schemas']['IncidentOffer'];

const PAGE = 100;

type Query = NonNullable<paths['/api/v1/alerts']['get']['parameters']['query']>;

/** A piece of a list, and when it was asked for. */
export type ListPage = components['schemas']['AlertPage'] & { asOf: number };

async function list(query: Query, signal: AbortSignal): Promise<ListPage> {
  const asOf = Date.now();
  return { ...(await read(api.GET('/api/v1/alerts', { params: { query }, signal }))), asOf };
}

/** The queue, page by page: what is open and in no incident, or what the search finds. */
export const alertsQuery = (search: AlertSearch) => {
  const shaping = { ...asked(search), ...(search.sort && { sort: search.sort }) };
  return infiniteQueryOptions({
    queryKey: ['alerts', 'list', shaping],
    queryFn: ({ pageParam, signal }) =>
      list(
        { ...shaping, limit: PAGE, with_total: pageParam === null, ...(pageParam && { cursor: pageParam }) },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    // What is shown moves only when somebody asks for it.
    staleTime: Number.POSITIVE_INFINITY,
    meta: { still: true },
  });
};

/** Why the same search is answered without OpenSearch now; null where it is not. */
export const degradedNow = async (search: AlertSearch, signal: AbortSignal): Promise<string | null> =>
  (await list({ ...asked(search), limit: 1 }, signal)).degraded ?? null;

/** How many a query finds. */
export const countQuery = (query: string | undefined) =>
  queryOptions({
    queryKey: ['alerts', 'count', query],
    queryFn: async ({ signal }) =>
      (await list({ ...(query && { query }), limit: 1, with_total: true }, signal)).total ?? 0,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

/** How many of a search became new after a moment. */
export const freshQuery = (search: AlertSearch, since: string) =>
  countQuery(allOf([wholeOf(search) ?? EVERYTHING, `new_since:>"${since}"`]));

/** Rows as they are now, whatever they have become. */
export const rowsNow = async (ids: readonly string[], signal: AbortSignal): Promise<Alert[]> =>
  (await list({ query: `id:(${ids.map(quoted).join(' OR ')})`, snoozed: true, limit: ids.length }, signal)).items;

export type FacetField = NonNullable<
  NonNullable<paths['/api/v1/alerts/facets']['get']['parameters']['query']>['field']
>[number];

/** The ten most frequent values of these fields, each counted under all choices but its own. */
export const facetsQuery = (search: AlertSearch, fields: readonly FacetField[]) =>
  queryOptions({
    queryKey: ['alerts', 'facets', { ...counted(search), fields }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts/facets', { params: { query: { ...counted(search), field: [...fields] } }, signal })),
    placeholderData: keepPreviousData,
    enabled: fields.length > 0,
  });

/** Values of a field that begin so, in all alerts of the search. */
export async function valuesOf(
  search: AlertSearch,
  field: string,
  begun: string,
  signal: AbortSignal,
): Promise<FacetValue[]> {
  if (!isFacet(field)) return [];
  const begins = begun === '' ? [] : [`${field}:${quoted(begun).slice(0, -1)}*"`];
  const query = allOf([...(counted(search).query ? [counted(search).query ?? ''] : []), ...begins]);
  const asked = { ...counted(search), ...(query && { query }), field: [field] };
  const { facets } = await read(api.GET('/api/v1/alerts/facets', { params: { query: asked }, signal }));
  // One alert may have several values, of which others begin otherwise.
  return (facets[field] ?? []).filter(({ value }) => String(value).toLowerCase().startsWith(begun.toLowerCase()));
}

const FACETS: Record<FacetField, true> = {
  severity: true,
  status: true,
  verdict: true,
  assignee: true,
  module: true,
  dataset: true,
  'rule.name': true,
  sensor_id: true,
  tags: true,
  technique: true,
  'source.ip': true,
  'destination.ip': true,
  'host.name': true,
  'user.name': true,
};

export const isFacet = (field: string): field is FacetField => field in FACETS;

/** How many there were over a span, by severity. */
export const histogramQuery = (search: AlertSearch, from: string, to: string) => {
  // The range that was drawn is shown in the picture, and does not cut it.
  const around = counted({
    ...(isQueue(search) ? search : explicit(search)),
    last: undefined,
    from: undefined,
    to: undefined,
  });
  return queryOptions({
    queryKey: ['alerts', 'histogram', { ...around, from, to }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts/histogram', { params: { query: { ...around, from, to } }, signal })),
    placeholderData: keepPreviousData,
  });
};

/** One alert with all that belongs to it. */
export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => read(api.GET('/api/v1/alerts/{alert_id}', { params: { path: { alert_id: id } }, signal })),
    staleTime: 10_000,
  });

/** Others in which the same was seen, the latest first. */
export const relatedQuery = (detail: AlertDetail) => {
  const values = detail.observables.slice(0, 10).map((one) => quoted(one.value));
  const query = `observable:(${values.join(' OR ')}) AND NOT id:${quoted(detail.id)}`;
  return queryOptions({
    queryKey: ['alerts', 'related', query],
    queryFn: ({ signal }) => list({ query, sort: '-last_seen', limit: 20, with_total: true, snoozed: true }, signal),
    enabled: values.length > 0,
    staleTime: 30_000,
  });
};

/** Incidents that it may belong to. */
export const offersQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'offers', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts/{alert_id}/incident-offers', { params: { path: { alert_id: id } }, signal })),
  });

/** An event as it was kept. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => read(api.GET('/api/v1/events/{event_id}', { params: { path: { event_id: id } }, signal })),
    staleTime: 300_000,
  });
