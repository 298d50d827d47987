import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { incidentStatusLabel } from '@/domain/incident';
import { movesFrom, needsReason, type To, whyStill } from '@/domain/moves';
import type { Incident } from './queries';

/** One step of work on an incident. */
export type Change =
  | { do: 'assign'; to: string | null }
  | { do: 'severity'; severity: number }
  | { do: 'tag'; add: string[]; remove: string[] }
  | { do: 'move'; to: To; reason?: string | undefined };

/** Verb and past, as buttons and toasts have them. */
export const SAID: Record<Change['do'], readonly [verb: string, done: string]> = {
  assign: ['Assign', 'Assigned'],
  severity: ['Set severity of', 'Severity set'],
  tag: ['Tag', 'Tagged'],
  move: ['Move', 'Moved'],
};

/** What was done, with where it went. */
export const doneOf = (change: Change): string =>
  change.do === 'move' ? `Moved to ${incidentStatusLabel(change.to)}` : SAID[change.do][1];

/** Raises ApiError: 412 with the incident as somebody else made it, 409 where its state does not allow it. */
export function send(row: Incident, change: Change): Promise<Partial<Incident>> {
  const params = { path: { incident_id: row.id }, header: ifMatch(row.revision) };
  switch (change.do) {
    case 'assign':
      return read(api.POST('/api/v1/incidents/{incident_id}/assign', { params, body: { assignee_id: change.to } }));
    case 'severity':
      return read(api.PATCH('/api/v1/incidents/{incident_id}', { params, body: { severity: change.severity } }));
    case 'tag':
      return read(
        api.POST('/api/v1/incidents/{incident_id}/tags', { params, body: { add: change.add, remove: change.remove } }),
      );
    case 'move':
      return read(
        api.POST('/api/v1/incidents/{incident_id}/transition', {
          params,
          body: { to: change.to, reason: change.reason ?? null },
        }),
      );
  }
}

/** What a row is likely to be, until the reply says what it is. */
export function expected(row: Incident, change: Change, me: string): Partial<Incident> {
  switch (change.do) {
    case 'assign':
      return { assignee_id: change.to };
    case 'severity':
      return { severity: change.severity };
    case 'tag':
      return { tags: [...new Set([...row.tags, ...change.add])].filter((tag) => !change.remove.includes(tag)) };
    case 'move':
      return {
        status: change.to,
        ...(change.to !== 'on_hold' && row.assignee_id === null && { assignee_id: me }),
      };
  }
}

/** What takes it back; undefined where there is no way. */
export function undoing(before: Incident, change: Change): Change | undefined {
  switch (change.do) {
    case 'assign':
      return { do: 'assign', to: before.assignee_id };
    case 'severity':
      return { do: 'severity', severity: before.severity };
    case 'tag':
      return {
        do: 'tag',
        add: change.remove.filter((tag) => before.tags.includes(tag)),
        remove: change.add.filter((tag) => !before.tags.includes(tag)),
      };
    case 'move': {
      const to = movesFrom(change.to).find((one) => one === before.status);
      return to && { do: 'move', to, reason: 'Taken back' };
    }
  }
}

/** Why a row would be left out; undefined where it can be changed so. */
export function whyNot(row: Incident, change: Change): string | undefined {
  if (row.status === 'merged') return 'merged into another';
  if (change.do === 'tag') return undefined;
  if (row.status === 'closed') return 'closed';
  if (change.do === 'severity') return row.severity === change.severity ? 'of this severity already' : undefined;
  if (whyStill(row)) return 'waiting for a review';
  if (change.do === 'assign') return row.assignee_id === change.to ? 'theirs already' : undefined;
  if (row.status === change.to) return `${incidentStatusLabel(change.to).toLowerCase()} already`;
  if (!movesFrom(row.status).includes(change.to))
    return `${incidentStatusLabel(row.status).toLowerCase()}, from where it cannot go there`;
  return needsReason(row, change.to) && !change.reason ? 'without the reason it needs' : undefined;
}

/** How many of these would be left out, by reason. */
export function leftOut(rows: readonly Incident[], change: Change): [why: string, count: number][] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const why = whyNot(row, change);
    if (why) counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts];
}
