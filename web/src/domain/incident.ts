import type { components } from '@/api/schema';

export type IncidentStatus = components['schemas']['Status'];

const LABELS: Record<IncidentStatus, string> = {
  open: 'Open',
  investigating: 'Investigating',
  contained: 'Contained',
  on_hold: 'On hold',
  resolved: 'Resolved',
  closed: 'Closed',
  merged: 'Merged',
};

/** Its status as people say it. */
export const incidentStatusLabel = (status: IncidentStatus): string => LABELS[status];

/** The query that finds what was typed: `#12` and `12` are numbers, plain words also the beginning of a title. */
export function incidentQueryOf(text: string): string {
  const typed = text.trim();
  const number = /^#?(\d+)$/.exec(typed)?.[1];
  if (number) return `number:${number}`;
  const plain = /^[\p{L}\d][\p{L}\d -]*$/u.test(typed) && !/\b(?:AND|OR|NOT)\b/.test(typed);
  return plain ? `title:"${typed}*" OR (${typed})` : typed;
}
