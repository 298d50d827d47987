import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Incident = Schemas['IncidentDetail'];
export type LinkedAlert = Schemas['LinkedAlert'];
export type AlertRow = Schemas['AlertListed'];
export type Task = Schemas['TaskRead'];
export type TaskUpdate = Schemas['TaskUpdate'];
export type Note = Schemas['IncidentNoteRead'];
export type Entry = Schemas['services__api__incidents__timeline__EntryRead'];
export type IncidentObservable = Schemas['ObservableOfIncident'];
export type Evidence = Schemas['EvidenceRead'];
export type EventCopy = Schemas['EventCopyRead'];
export type Relation = Schemas['RelationRead'];
export type Missing = Schemas['MissingRead'];
export type Clock = Schemas['ClockRead'];
export type Review = Schemas['ReviewRead'];
/** A text as it read from a revision on. */
export type Version = Schemas['SummaryVersionRead'];

const PAGE = 50;
/** The most that the API gives at once. */
const WHOLE = 100;

interface Paged<T> {
  items: T[];
  next_cursor?: string | null;
}
type Ask = { limit: number; cursor?: string };

/** All that was asked about one incident is kept below this key. */
export const incidentKey = (id: string) => ['incidents', 'one', id] as const;

function listOf<T>(
  id: string,
  name: string,
  ask: (query: Ask, signal: AbortSignal) => Promise<Paged<T>>,
  limit = PAGE,
) {
  return infiniteQueryOptions({
    queryKey: [...incidentKey(id), ...name.split(' ')],
    queryFn: ({ pageParam, signal }) => ask({ limit, ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** How a list of something is asked for, page by page. */
export type ListOf<T> = ReturnType<typeof listOf<T>>;

/** One incident, with what its page shows first. */
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: [...incidentKey(id), 'detail'],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: id } }, signal })),
  });

export const alertsOfQuery = (id: string) =>
  listOf<LinkedAlert>(id, 'alerts', (query, signal) =>
    read(api.GET('/api/v1/incidents/{incident_id}/alerts', { params: { path: { incident_id: id }, query }, signal })),
  );

/** What happened, or only what people told of it. */
export const timelineQuery = (id: string, told: boolean) =>
  listOf<Entry>(
    id,
    `timeline ${told ? 'told' : 'all'}`,
    (query, signal) =>
      read(
        api.GET('/api/v1/incidents/{incident_id}/timeline', {
          params: { path: { incident_id: id }, query: { ...query, ...(told && { kind: ['observed'] }) } },
          signal,
        }),
      ),
    WHOLE,
  );

export const tasksQuery = (id: string) =>
  listOf<Task>(
    id,
    'tasks',
    (query, signal) =>
      read(api.GET('/api/v1/incidents/{incident_id}/tasks', { params: { path: { incident_id: id }, query }, signal })),
    WHOLE,
  );

export const notesQuery = (id: string) =>
  listOf<Note>(id, 'notes', (query, signal) =>
    read(api.GET('/api/v1/incidents/{incident_id}/notes', { params: { path: { incident_id: id }, query }, signal })),
  );

export const observablesQuery = (id: string) =>
  listOf<IncidentObservable>(id, 'observables', (query, signal) =>
    read(
      api.GET('/api/v1/incidents/{incident_id}/observables', { params: { path: { incident_id: id }, query }, signal }),
    ),
  );

export const evidenceQuery = (id: string) =>
  listOf<Evidence>(id, 'evidence', (query, signal) =>
    read(api.GET('/api/v1/incidents/{incident_id}/evidence', { params: { path: { incident_id: id }, query }, signal })),
  );

export const custodyQuery = (id: string, evidenceId: string) =>
  listOf(id, `custody ${evidenceId}`, (query, signal) =>
    read(
      api.GET('/api/v1/incidents/{incident_id}/evidence/{evidence_id}/custody', {
        params: { path: { incident_id: id, evidence_id: evidenceId }, query },
        signal,
      }),
    ),
  );

/** The incident's own copies of events: those picked by hand, or those of its alerts too. */
export const eventsQuery = (id: string, picked: boolean) =>
  listOf<EventCopy>(id, `events ${picked ? 'picked' : 'all'}`, (query, signal) =>
    read(
      api.GET('/api/v1/incidents/{incident_id}/events', {
        params: { path: { incident_id: id }, query: { ...query, ...(picked && { picked }) } },
        signal,
      }),
    ),
  );

export const eventQuery = (id: string, copyId: string) =>
  queryOptions({
    queryKey: [...incidentKey(id), 'event', copyId],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/incidents/{incident_id}/events/{copy_id}', {
          params: { path: { incident_id: id, copy_id: copyId }, query: { original: true } },
          signal,
        }),
      ),
  });

export const linksQuery = (id: string) =>
  listOf<Relation>(id, 'links', (query, signal) =>
    read(api.GET('/api/v1/incidents/{incident_id}/links', { params: { path: { incident_id: id }, query }, signal })),
  );

export const similarQuery = (id: string) =>
  queryOptions({
    queryKey: [...incidentKey(id), 'similar'],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/incidents/{incident_id}/similar', {
          params: { path: { incident_id: id }, query: { limit: 5 } },
          signal,
        }),
      ),
  });

export const reviewsQuery = (id: string) =>
  listOf<Review>(id, 'reviews', (query, signal) =>
    read(api.GET('/api/v1/incidents/{incident_id}/reviews', { params: { path: { incident_id: id }, query }, signal })),
  );

export const summaryVersionsQuery = (id: string) =>
  listOf(id, 'summary', (query, signal) =>
    read(
      api.GET('/api/v1/incidents/{incident_id}/summary/versions', {
        params: { path: { incident_id: id }, query },
        signal,
      }),
    ),
  );

export const noteVersionsQuery = (id: string, noteId: string) =>
  queryOptions({
    queryKey: [...incidentKey(id), 'note', noteId],
    queryFn: ({ signal }) =>
      read(
        api.GET('/api/v1/incidents/{incident_id}/notes/{note_id}', {
          params: { path: { incident_id: id, note_id: noteId } },
          signal,
        }),
      ),
  });
