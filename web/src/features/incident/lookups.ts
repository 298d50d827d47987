import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';

/** What a template asks an incident of its for. */
export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident-templates', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incident-templates/{template_id}', { params: { path: { template_id: id } }, signal })),
    staleTime: 300_000,
  });

const FOUND = 20;

/** The first alerts that a query finds, and how many there are. */
export const foundAlertsQuery = (query: string) =>
  queryOptions({
    queryKey: ['alerts', 'found', query],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/alerts', {
          params: { query: { ...(query && { query }), limit: FOUND, with_total: true, sort: '-last_seen' } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
