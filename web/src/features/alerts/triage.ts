import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { severityLabel } from '@/domain/severities';
import type { AlertStatus } from '@/domain/statuses';
import type { Verdict } from '@/domain/verdict';
import type { AnyAlert } from './queries';

/** A step that only has to be taken. */
export type Step = 'acknowledge' | 'start' | 'close' | 'reopen';

/** Steps from status to status, by the verbs of their buttons. */
export const STEPS: readonly { step: Step; verb: string; to: AlertStatus; from: readonly AlertStatus[] }[] = [
  { step: 'acknowledge', verb: 'Acknowledge', to: 'acknowledged', from: ['new'] },
  { step: 'start', verb: 'Start work', to: 'in_progress', from: ['new', 'acknowledged'] },
  { step: 'close', verb: 'Close…', to: 'closed', from: ['new', 'acknowledged', 'in_progress'] },
  { step: 'reopen', verb: 'Reopen', to: 'new', from: ['closed'] },
];

/** Whether an alert can take a step from where it stands. */
export const canTake = (alert: AnyAlert, step: Step): boolean =>
  STEPS.some((one) => one.step === step && one.from.includes(alert.status));

/** What somebody does to an alert. */
export type Triage =
  | { do: 'acknowledge' | 'start' | 'reopen' | 'wake' }
  | { do: 'assign'; to: string | null }
  | { do: 'close'; verdict: Verdict; reason: string; note: string | null }
  /** Null gives it back to the sensor. */
  | { do: 'severity'; severity: number | null }
  | { do: 'tag'; add: string[]; remove: string[] }
  | { do: 'snooze'; until: string; untilEvent: boolean };

const DONE: Record<Triage['do'], string> = {
  acknowledge: 'Acknowledged',
  start: 'Started',
  reopen: 'Reopened',
  wake: 'Woken',
  assign: 'Assigned',
  close: 'Closed',
  severity: 'Severity set',
  tag: 'Tagged',
  snooze: 'Snoozed',
};

/** What was done, in a word or two. */
export function doneOf(triage: Triage): string {
  if (triage.do === 'assign' && triage.to === null) return 'Assigned to nobody';
  if (triage.do !== 'severity') return DONE[triage.do];
  return triage.severity === null
    ? 'Severity given back to the sensor'
    : `Severity set to ${severityLabel(triage.severity).toLowerCase()}`;
}

/** Does it as long as the alert is as it was seen, and says what it is then. */
async function send(alert: AnyAlert, triage: Triage): Promise<Partial<AnyAlert>> {
  const path = { alert_id: alert.id };
  const params = { path, header: ifMatch(alert.revision) };
  switch (triage.do) {
    case 'acknowledge':
      return read(api.POST('/api/v1/alerts/{alert_id}/acknowledge', { params }));
    case 'start':
      return read(api.POST('/api/v1/alerts/{alert_id}/start', { params }));
    case 'reopen':
      return read(api.POST('/api/v1/alerts/{alert_id}/reopen', { params }));
    case 'assign':
      return read(api.POST('/api/v1/alerts/{alert_id}/assign', { params, body: { assignee_id: triage.to } }));
    case 'severity':
      return read(api.POST('/api/v1/alerts/{alert_id}/severity', { params, body: { severity: triage.severity } }));
    case 'tag': {
      const { add, remove } = triage;
      return read(api.POST('/api/v1/alerts/{alert_id}/tags', { params, body: { add, remove } }));
    }
    case 'close': {
      const { verdict, reason, note } = triage;
      return read(api.POST('/api/v1/alerts/{alert_id}/close', { params, body: { verdict, reason, note } }));
    }
    case 'snooze': {
      const body = { until: triage.until, until_event: triage.untilEvent };
      await api.PUT('/api/v1/alerts/{alert_id}/snooze', { params: { path }, body });
      return { snoozed_until: triage.until };
    }
    case 'wake':
      await api.DELETE('/api/v1/alerts/{alert_id}/snooze', { params: { path } });
      return { snoozed_until: null };
  }
}

/** Steps that are on their way, by alert: the revision that each will make. */
const turns = new Map<string, Promise<number | undefined>>();

/** The same, after what was begun on the same alert before: two keys at once are one person's, and not two people's. */
export async function sendInTurn(alert: AnyAlert, triage: Triage): Promise<Partial<AnyAlert>> {
  const before = turns.get(alert.id);
  const revision = before?.then((made) => Math.max(alert.revision, made ?? 0)) ?? Promise.resolve(alert.revision);
  const step = revision.then((now) => send({ ...alert, revision: now }, triage));
  const turn = step.then(
    (after) => after.revision ?? revision,
    () => undefined,
  );
  turns.set(alert.id, turn);
  try {
    return await step;
  } finally {
    if (turns.get(alert.id) === turn) turns.delete(alert.id);
  }
}

/** What a row is likely to be, until the reply says what it is. */
export function expected(row: AnyAlert, triage: Triage, me: string): Partial<AnyAlert> {
  switch (triage.do) {
    case 'acknowledge':
      return { status: 'acknowledged', assignee_id: row.assignee_id ?? me };
    case 'start':
      return { status: 'in_progress', assignee_id: row.assignee_id ?? me };
    case 'assign':
      return { assignee_id: triage.to };
    case 'close':
      return { status: 'closed', verdict: triage.verdict, reason: triage.reason };
    case 'tag':
      return { tags: [...new Set([...row.tags, ...triage.add])].filter((tag) => !triage.remove.includes(tag)) };
    case 'snooze':
      return { snoozed_until: triage.until };
    default:
      return {};
  }
}

/** What takes it back; undefined where the API has no way. */
export function undoing(before: AnyAlert, triage: Triage): Triage | undefined {
  switch (triage.do) {
    case 'assign':
      return { do: 'assign', to: before.assignee_id };
    case 'close':
      return { do: 'reopen' };
    case 'tag':
      return {
        do: 'tag',
        add: triage.remove.filter((tag) => before.tags.includes(tag)),
        remove: triage.add.filter((tag) => !before.tags.includes(tag)),
      };
    case 'snooze':
      return { do: 'wake' };
    default:
      return undefined;
  }
}
