import { PATHS } from '@/app/paths';
import { quoted } from '@/lib/query';
import type { Incident } from './queries';

export type Target = 'alerts' | 'explorer' | 'incidents';

/** Where a query is looked at: events, alerts or incidents. */
export const pivotTo = (target: Target, query: string): string =>
  `${PATHS[target]}?${new URLSearchParams({ query }).toString()}`;

/** The query that finds a value of this type, wherever it was seen. */
export const seenQuery = (type: string, value: string): string => `observable.${type}:${quoted(value)}`;

const MOVED = [
  ['alerts', 'alert', 'alerts'],
  ['tasks', 'task', 'tasks'],
  ['notes', 'note', 'notes'],
  ['observables', 'observable', 'observables'],
  ['evidence', 'file', 'files'],
] as const;

/** `3 alerts, 1 note`, over several incidents; nothing where there is none. */
export function movedWords(counts: readonly Incident['counts'][]): string {
  return MOVED.flatMap(([name, single, several]) => {
    const sum = counts.reduce((all, one) => all + one[name], 0);
    return sum > 0 ? [`${sum} ${sum === 1 ? single : several}`] : [];
  }).join(', ');
}
