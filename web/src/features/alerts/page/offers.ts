import type { AlertDetail } from '../queries';

/** What is asked about before it is done. */
export type Asked = 'assign' | 'close' | 'tag' | 'incident' | 'snooze' | 'severity' | 'suppress';
export type Doing = Asked | 'acknowledge' | 'start' | 'take' | 'reopen';

/** Something that can be done, by its button and by its key. */
export interface OfferedAction {
  name: Doing;
  label: string;
  /** As `KeyboardEvent.key`. */
  hotkey: string;
  /** Why it cannot be done now. */
  why?: string | undefined;
  /** Stands in the menu of what is done rarely. */
  rare?: true;
}

interface May {
  write: boolean;
  incidents: boolean;
  suppress: boolean;
}

/** What this person may do to the alert, in the order of the bar. What they never may is not there. */
export function offersOf(alert: AlertDetail, me: string, may: May): OfferedAction[] {
  const { status } = alert;
  const shut = status === 'closed' ? 'It is closed; reopen it first' : undefined;
  const triage: OfferedAction[] = [
    {
      name: 'acknowledge',
      label: 'Acknowledge',
      hotkey: 'e',
      why: shut ?? (status === 'new' ? undefined : 'It is acknowledged'),
    },
    {
      name: 'start',
      label: 'Start work',
      hotkey: 's',
      why: shut ?? (status === 'in_progress' ? 'It is in progress' : undefined),
    },
    {
      name: 'take',
      label: 'Assign to me',
      hotkey: 'm',
      why: shut ?? (alert.assignee_id === me ? 'It is yours' : undefined),
    },
    { name: 'assign', label: 'Assign…', hotkey: 'a', why: shut },
    { name: 'snooze', label: alert.snoozed_until ? 'Snoozed…' : 'Snooze…', hotkey: 'z' },
  ];
  const ending: OfferedAction =
    status === 'closed'
      ? { name: 'reopen', label: 'Reopen', hotkey: 'r' }
      : { name: 'close', label: 'Close…', hotkey: 'c', why: shut };
  const incident: OfferedAction = {
    name: 'incident',
    label: alert.incident_id ? 'Unlink…' : 'Incident…',
    hotkey: 'i',
  };
  const rare: OfferedAction[] = [
    { name: 'severity', label: 'Set severity…', hotkey: 'v', rare: true },
    { name: 'tag', label: 'Edit tags…', hotkey: 't', rare: true },
  ];
  // On a small screen only the first are in sight.
  const begins = status === 'closed' ? [ending] : [];
  const ends = status === 'closed' ? [] : [ending];
  const suppress: OfferedAction[] = may.suppress
    ? [{ name: 'suppress', label: 'Suppress…', hotkey: 'u', rare: true }]
    : [];
  // Nobody works on what a suppression hides.
  if (status === 'suppressed')
    return [...(may.write ? rare : []), ...suppress]
      .filter((one) => one.name !== 'severity')
      .map(({ rare: _, ...one }) => one);
  return [
    ...(may.write ? [...begins, ...triage] : []),
    ...(may.incidents ? [incident] : []),
    ...(may.write ? [...ends, ...rare] : []),
    ...suppress,
  ];
}
