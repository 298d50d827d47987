import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Note = components['schemas']['NoteRead'];

const AROUND = 30;

const first = null as string | null;
const page = (cursor: string | null, limit: number) => ({ limit, ...(cursor && { cursor }) });
const next = ({ next_cursor }: { next_cursor?: string | null }) => next_cursor ?? null;

/** The alert's events, the latest first. */
export const eventsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'events', id],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET('/api/v1/alerts/{alert_id}/events', {
          params: { path: { alert_id: id }, query: page(pageParam, 20) },
          signal,
        }),
      ),
    initialPageParam: first,
    getNextPageParam: next,
    // New ones are shown when they are asked for.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** One event; with the record as it was received, which the audit notes. */
export const eventQuery = (id: string, original: boolean) =>
  queryOptions({
    queryKey: ['events', 'one', id, { original }],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/events/{event_id}', { params: { path: { event_id: id }, query: { original } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Its notes, the first one first. */
export const notesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'notes', id],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET('/api/v1/alerts/{alert_id}/notes', {
          params: { path: { alert_id: id }, query: page(pageParam, 100) },
          signal,
        }),
      ),
    initialPageParam: first,
    getNextPageParam: next,
  });

/** A note with how it read before. */
export const noteQuery = (alertId: string, noteId: string) =>
  queryOptions({
    queryKey: ['alerts', 'notes', alertId, noteId],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/alerts/{alert_id}/notes/{note_id}', {
          params: { path: { alert_id: alertId, note_id: noteId } },
          signal,
        }),
      ),
  });

/** Who changed what, for those who may see the audit. */
export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'history', id],
    queryFn: ({ pageParam, signal }) =>
      read(api.GET('/api/v1/audit', { params: { query: { object_id: id, ...page(pageParam, 20) } }, signal })),
    initialPageParam: first,
    getNextPageParam: next,
  });

/** Other alerts of an entity, in any status, the last seen first. */
export const aroundQuery = (id: string, query: string) =>
  queryOptions({
    queryKey: ['alerts', 'around', id, query],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/alerts', {
          params: { query: { query, sort: '-last_seen', limit: AROUND, with_total: true, snoozed: true } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** One incident. */
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: id } }, signal })),
  });

/** What a suppression is called that an explanation names. */
export const suppressionNameQuery = (id: string) =>
  queryOptions({
    queryKey: ['suppressions', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/suppressions/{suppression_id}', { params: { path: { suppression_id: id } }, signal })),
    staleTime: 60_000,
  });

/** What sensor saw it. */
export const sensorQuery = (id: string) =>
  queryOptions({
    queryKey: ['sensors', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/sensors/{sensor_id}', { params: { path: { sensor_id: id } }, signal })),
    staleTime: 60_000,
  });

/** A suppression as narrow as the alert; refused with `not_harmless` where nobody has judged it harmless. */
export const proposalQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'proposal', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts/{alert_id}/suppression-proposal', { params: { path: { alert_id: id } }, signal })),
    // What is being filled in is not to begin anew.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
