import { formatSpan } from '@/lib/format';
import type { Recurrence } from './queries';

/** The days of RFC 5545, Monday first. */
export const DAYS = [
  ['MO', 'Monday'],
  ['TU', 'Tuesday'],
  ['WE', 'Wednesday'],
  ['TH', 'Thursday'],
  ['FR', 'Friday'],
  ['SA', 'Saturday'],
  ['SU', 'Sunday'],
] as const;

export const NTHS = [
  ['1', 'First'],
  ['2', 'Second'],
  ['3', 'Third'],
  ['4', 'Fourth'],
  ['-1', 'Last'],
] as const;

export type Repeat = 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'own';

/** A maintenance window as it is filled in. */
export interface Windowed {
  repeat: Repeat;
  day: string;
  nth: string;
  /** 02:00 */
  time: string;
  minutes: number;
  zone: string;
  /** Of `own`. */
  rule: string;
}

export const NEW_WINDOW: Windowed = {
  repeat: 'weekly',
  day: 'SU',
  nth: '1',
  time: '02:00',
  minutes: 120,
  zone: 'UTC',
  rule: 'FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=23',
};

const WEEKDAYS = 'MO,TU,WE,TH,FR';

/** As the API takes it. */
export function recurrenceOf(window: Windowed): Recurrence {
  return { rule: ruleOf(window), duration_seconds: Math.round(window.minutes * 60), zone: window.zone };
}

function ruleOf({ repeat, day, nth, time, rule }: Windowed): string {
  const [hour, minute] = time.split(':').map(Number);
  const at = `BYHOUR=${hour ?? 0};BYMINUTE=${minute ?? 0}`;
  switch (repeat) {
    case 'daily':
      return `FREQ=DAILY;${at}`;
    case 'weekdays':
      return `FREQ=DAILY;BYDAY=${WEEKDAYS};${at}`;
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${day};${at}`;
    case 'monthly':
      return `FREQ=MONTHLY;BYDAY=${nth}${day};${at}`;
    case 'own':
      return rule.trim();
  }
}

/** As it is filled in; a rule of a form that is not offered stays as it is written. */
export function windowOf({ rule, duration_seconds, zone = 'UTC' }: Recurrence): Windowed {
  const known = { ...NEW_WINDOW, ...read(rule), minutes: duration_seconds / 60, zone };
  return known.repeat !== 'own' && same(ruleOf(known), rule) ? known : { ...known, repeat: 'own', rule };
}

function read(rule: string): Partial<Windowed> {
  const parts = new Map(rule.split(';').map((part) => part.split('=') as [string, string]));
  const time = `${(parts.get('BYHOUR') ?? '').padStart(2, '0')}:${(parts.get('BYMINUTE') ?? '0').padStart(2, '0')}`;
  const by = /^(-?\d)?([A-Z]{2})$/.exec(parts.get('BYDAY') ?? '');
  const day = by?.[2] ?? 'MO';
  if (parts.get('FREQ') === 'MONTHLY') return { repeat: 'monthly', time, day, nth: by?.[1] ?? '1' };
  if (parts.get('FREQ') === 'WEEKLY') return { repeat: 'weekly', time, day };
  return { repeat: parts.get('BYDAY') === WEEKDAYS ? 'weekdays' : 'daily', time };
}

const same = (one: string, other: string): boolean => {
  const parts = (rule: string) => [...rule.split(';').filter((part) => part !== 'BYMINUTE=0')].sort().join(';');
  return parts(one) === parts(other);
};

/** Every Sunday at 02:00 for 2h, UTC */
export function recurrenceWords(recurrence: Recurrence): string {
  const { repeat, day, nth, time, zone, rule } = windowOf(recurrence);
  const name = DAYS.find(([key]) => key === day)?.[1] ?? day;
  const when = {
    daily: `Every day at ${time}`,
    weekdays: `Monday to Friday at ${time}`,
    weekly: `Every ${name} at ${time}`,
    monthly: `${NTHS.find(([key]) => key === nth)?.[1] ?? nth} ${name} of the month at ${time}`,
    own: rule,
  }[repeat];
  const seconds = recurrence.duration_seconds;
  const length =
    seconds % 3600 === 0
      ? `${seconds / 3600}h`
      : seconds < 3600
        ? formatSpan(seconds * 1000)
        : `${Math.floor(seconds / 3600)}h ${Math.round((seconds % 3600) / 60)}m`;
  return `${when} for ${length}, ${zone}`;
}
