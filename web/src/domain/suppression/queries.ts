import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type DryRun = components['schemas']['DryRun'];
export type Recurrence = components['schemas']['Recurrence'];

/** What is measured: this query, in these windows, over so many days back. */
export interface Asked {
  query: string;
  days: number;
  recurrence: Recurrence | null;
  startsAt: string | null;
  organizationId: string | undefined;
}

const EXAMPLES = 5;

/** What a suppression would have hidden. It changes nothing, though it is asked by POST. */
export const dryRunQuery = ({ query, days, recurrence, startsAt, organizationId }: Asked) =>
  queryOptions({
    queryKey: ['dry-run', { query, days, recurrence, startsAt, organizationId }],
    queryFn: ({ signal }) =>
      read(
        api.POST('/api/v1/suppressions/dry-run', {
          body: { query, days, recurrence, starts_at: startsAt, organization_id: organizationId ?? null },
          signal,
        }),
      ),
    staleTime: 60_000,
    retry: false,
  });

/** A few of the events that match. */
export const examplesQuery = (query: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['events', 'examples', { query, from, to }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/events', { params: { query: { query, from, to, limit: EXAMPLES } }, signal })),
    staleTime: 60_000,
  });

/** When they were. */
export const whenQuery = (query: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['events', 'when', { query, from, to }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/events/histogram', { params: { query: { query, from, to } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
