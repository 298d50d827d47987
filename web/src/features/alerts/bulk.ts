import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { Selection } from '@/domain/grid/selection';
import type { Job } from '@/domain/job/job';
import { allOf } from '@/lib/query';
import type { Into } from './dialogs/IncidentDialog';
import { type AlertSearch, EVERYTHING, wholeOf } from './search';

export type BulkAction = components['schemas']['BulkRequest']['action'];

/** Which alerts: some, by id, or all that a query finds. */
export type Many = { ids: string[] } | { query: string };

/** More than these are asked about first, whatever is done. */
const ASKED_FROM = 50;

/** What is selected, as bulk actions take it: all are those that were there when all was said. */
export function manyOf(selection: Selection, search: AlertSearch): Many {
  if (selection.allSince === undefined) return { ids: [...selection.ids] };
  return { query: allOf([wholeOf(search) ?? EVERYTHING, `created_at:<"${selection.allSince}"`]) ?? EVERYTHING };
}

/** Whether it is asked about with its number: what closes, what is of a query, and what is of many. */
export const isWide = (many: Many, action?: BulkAction): boolean =>
  'query' in many || action?.type === 'close' || many.ids.length > ASKED_FROM;

export const bulk = (many: Many, action: BulkAction, start: boolean): Promise<Job> =>
  read(api.POST('/api/v1/alerts/bulk', { body: { ...many, action, start, snoozed: false } }));

export const undoBulk = (id: string): Promise<Job> =>
  read(api.POST('/api/v1/alerts/bulk/{job_id}/undo', { params: { path: { job_id: id } } }));

export function link(many: Many, into: Into, start: boolean): Promise<Job> {
  const to = 'title' in into ? { open: { title: into.title, restricted: false } } : { incident_id: into.incident.id };
  return read(api.POST('/api/v1/incidents/bulk', { body: { ...many, ...to, start, snoozed: false } }));
}

export const undoLink = (id: string): Promise<Job> =>
  read(api.POST('/api/v1/incidents/bulk/{job_id}/undo', { params: { path: { job_id: id } } }));

/** Verb and past of what is done, as buttons and toasts have them. */
export const SAID: Record<BulkAction['type'], readonly [verb: string, done: string]> = {
  acknowledge: ['Acknowledge', 'Acknowledged'],
  assign: ['Assign', 'Assigned'],
  close: ['Close', 'Closed'],
  severity: ['Set severity of', 'Changed'],
  tags: ['Tag', 'Tagged'],
};
