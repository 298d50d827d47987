import { severityLabel } from '@/domain/severities';
import { words } from '@/lib/format';
import type { AlertDetail } from '../queries';

/** `alert.severity_set` as people read it: Severity set. */
export const actionWords = (action: string): string => words(action.slice(action.indexOf('.') + 1));

interface Changed {
  name: string;
  /** An id of somebody, a moment, or text as it stands. */
  kind: 'person' | 'moment' | 'text';
  before: string;
  after: string;
}

/** Follow from others, or are ids that tell nobody anything. */
const LEFT_OUT = new Set([
  'risk',
  'current',
  'acknowledged_at',
  'acknowledged_by_id',
  'acknowledged_count',
  'closed_at',
  'closed_by_id',
  'again',
]);

/** What an entry of the audit changed, as pairs of before and after. */
export function changesOf(changes: Readonly<Record<string, unknown>>): Changed[] {
  return Object.entries(changes).flatMap(([name, pair]) => {
    if (LEFT_OUT.has(name) || !Array.isArray(pair)) return [];
    const [before, after] = pair as [unknown, unknown];
    return [
      {
        name: words(name.replace(/_id$/, '')),
        kind: kindOf(name),
        before: said(name, before),
        after: said(name, after),
      },
    ];
  });
}

function kindOf(name: string): Changed['kind'] {
  if (name === 'assignee_id') return 'person';
  return /_(at|until)$/.test(name) ? 'moment' : 'text';
}

function said(name: string, value: unknown): string {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  if (name === 'severity' && typeof value === 'number') return severityLabel(value);
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return name === 'status' || name === 'verdict' || name === 'reason' ? words(String(value)) : String(value);
}

interface Milestone {
  at: string;
  title: string;
  by?: string | null;
}

/** What the alert itself tells of its life, the latest first. */
export function milestones(alert: AlertDetail): Milestone[] {
  const all: (Milestone | false)[] = [
    { at: alert.created_at, title: alert.created_by_id ? 'Made by hand' : 'Opened', by: alert.created_by_id },
    alert.acknowledged_at !== null && {
      at: alert.acknowledged_at,
      title: 'Acknowledged',
      by: alert.acknowledged_by_id,
    },
    alert.resolved_at !== null && { at: alert.resolved_at, title: 'Resolved at its source' },
    alert.closed_at !== null && {
      at: alert.closed_at,
      title: alert.verdict ? `Closed as ${words(alert.verdict).toLowerCase()}` : 'Closed by itself',
      by: alert.closed_by_id,
    },
  ];
  return all.filter((one) => one !== false).sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
