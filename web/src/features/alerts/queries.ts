import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components, paths } from '@/api/schema';
import { type AlertSearch, filters, wholeQuery } from './search';

export type Alert = components['schemas']['AlertListed'];
export type AlertDetail = components['schemas']['AlertDetail'];

const PAGE = 100;

/** The queue, page by page: what is open and in no incident, or what the search finds. */
export const alertsQuery = (search: AlertSearch) => {
  const { query, status, sort } = { query: wholeQuery(search), status: search.status, sort: search.sort };
  return infiniteQueryOptions({
    queryKey: ['alerts', 'list', { query, status, sort }],
    queryFn: ({ pageParam, signal }) => page(search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
};

/** The beginning of the same list as it is now, beside what is shown. */
export const firstPageQuery = (search: AlertSearch) =>
  queryOptions({
    queryKey: ['alerts', 'fresh', { query: wholeQuery(search), status: search.status, sort: search.sort }],
    queryFn: ({ signal }) => page(search, null, signal),
  });

function page(search: AlertSearch, cursor: string | null, signal: AbortSignal) {
  const query = wholeQuery(search);
  const asked = {
    limit: PAGE,
    with_total: cursor === null,
    ...(query && { query }),
    ...(search.status && { status: search.status }),
    ...(search.sort && { sort: search.sort }),
    ...(cursor && { cursor }),
  };
  return read(api.GET('/api/v1/alerts', { params: { query: asked }, signal }));
}

export type FacetField = NonNullable<
  NonNullable<paths['/api/v1/alerts/facets']['get']['parameters']['query']>['field']
>[number];

/** The ten most frequent values of these fields, each counted under all choices but its own. */
export const facetsQuery = (search: AlertSearch, fields: readonly FacetField[]) =>
  queryOptions({
    queryKey: ['alerts', 'facets', { ...shaping(search), fields }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts/facets', { params: { query: { ...shaping(search), field: [...fields] } }, signal })),
    placeholderData: keepPreviousData,
    enabled: fields.length > 0,
  });

/** How many there were over a span, by severity. */
export const histogramQuery = (search: AlertSearch, from: string, to: string) => {
  // The range that was drawn is shown in the picture, and does not cut it.
  const around = shaping({ ...search, from: undefined, to: undefined });
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
  });

/** By what reasons an organization closes alerts. */
export const reasonsQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ['organizations', organizationId, 'close-reasons'],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/organizations/{organization_id}/close-reasons', {
          params: { path: { organization_id: organizationId } },
          signal,
        }),
      ),
    staleTime: 300_000,
  });

function shaping(search: AlertSearch) {
  const { query, status } = search;
  const filter = filters(search);
  return { ...(query && { query }), ...(status && { status }), ...(filter.length > 0 && { filter }) };
}
