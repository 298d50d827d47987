import type { Job } from '@/domain/job/job';
import { formatBytes, formatCount, words } from '@/lib/format';

type Known = Pick<Job, 'kind' | 'parameters' | 'status' | 'done' | 'undone_by_id' | 'undo_of_id' | 'result'>;

const TITLES: Record<string, string> = {
  'alerts.undo': 'Take back a bulk action',
  'incidents.link': 'Link alerts to an incident',
  'incidents.unlink': 'Take alerts out of an incident',
  'alerts.export': 'Copy of alerts',
  'events.export': 'Copy of events',
  'incidents.export': 'Copy of incidents',
  drift: 'Compare both stores',
  repair: 'Repair both stores',
  reindex: 'Reindex',
  rebuild: 'Rebuild a period of events',
  parked_requeue: 'Re-drive parked messages',
  parked_drop: 'Drop parked messages',
};

const ACTIONS: Record<string, string> = {
  acknowledge: 'Acknowledge',
  assign: 'Assign',
  close: 'Close',
  severity: 'Change the severity of',
  tags: 'Change the tags of',
};

/** What a job does, in words. */
export function titleOf({ kind, parameters }: Pick<Job, 'kind' | 'parameters'>): string {
  if (kind === 'alerts.bulk') return `${ACTIONS[textOf(asObject(parameters.action).type) ?? ''] ?? 'Change'} alerts`;
  if (kind === 'incidents.link' && parameters.open) return 'Open an incident of alerts';
  if (kind === 'reindex') return `Reindex ${textOf(parameters.what) ?? 'alerts'}`;
  return TITLES[kind] ?? words(kind.replace('.', ' '));
}

/** By which way a job is taken back; undefined where it cannot be, or has been. */
export function undoOf(job: Known): 'alerts' | 'incidents' | undefined {
  const ended = job.status === 'done' || job.status === 'cancelled';
  if (!ended || job.done === 0 || job.undone_by_id) return undefined;
  return job.kind === 'alerts.bulk' ? 'alerts' : job.kind === 'incidents.link' ? 'incidents' : undefined;
}

/** True where there is a copy to be fetched, as far as is known. */
export const hasCopy = (job: Pick<Job, 'kind' | 'status'>): boolean =>
  job.kind.endsWith('.export') && job.status === 'done';

/** What the rows of a job are. */
export function rowsOf(kind: string): 'alert' | 'incident' | undefined {
  if (kind.startsWith('alerts.') || kind.startsWith('incidents.'))
    return kind.endsWith('.export') ? undefined : 'alert';
  return undefined;
}

/** What was asked for, or came of it, as names and values to be read; what is empty is left out. */
export function factsOf(of: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  return Object.entries(of).flatMap(([name, value]): (readonly [string, string])[] => {
    if (value === null || value === '' || value === undefined || value === false) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[words(name), listed(value)]];
    if (typeof value === 'object')
      return factsOf(asObject(value)).map(([inner, said]) => [`${words(name)}: ${inner.toLowerCase()}`, said]);
    if (typeof value === 'number') return [[words(name), name === 'bytes' ? formatBytes(value) : formatCount(value)]];
    return [[words(name), value === true ? 'yes' : String(value)]];
  });
}

const MOST = 5;

function listed(values: readonly unknown[]): string {
  const said = values.slice(0, MOST).map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  return said.join(', ') + (values.length > MOST ? ` and ${formatCount(values.length - MOST)} more` : '');
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
