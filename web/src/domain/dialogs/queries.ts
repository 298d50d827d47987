import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';

/** By what reasons an organization closes, those that are retired too. */
export const closeReasonsQuery = (organizationId: string) =>
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

const FOUND = 20;

/** The first incidents that a query finds, whatever their state but merged; the newest unfinished ones where it is empty. */
export const foundIncidentsQuery = (query: string) =>
  queryOptions({
    queryKey: ['incidents', 'found', query],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/incidents', {
          params: { query: { ...(query && { query }), limit: FOUND, with_total: true, sort: '-created_at' } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
