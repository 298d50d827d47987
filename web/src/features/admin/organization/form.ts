import type { components } from '@/api/schema';
import { words } from '@/lib/format';
import type { Policy } from './queries';
import {
  formatDaysOn,
  formatHours,
  formatMinutes,
  type Hours,
  parseDates,
  parseDaysOn,
  parseHours,
  parseMinutes,
} from './spans';

type PolicyWrite = components['schemas']['PolicyWrite'];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export const CLOCKS = ['acknowledge', 'contain', 'resolve'] as const;
export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

type Clock = (typeof CLOCKS)[number];
type Day = (typeof DAYS)[number];

export type TargetsForm = Record<Clock, string> & { around_the_clock: boolean };

export interface CalendarForm {
  zone: string;
  hours: Record<Day, string>;
  country: string;
  subdivision: string;
  days_off: string;
  days_on: string;
}

/** The policy as it is typed. Nothing that cannot be read yet is lost. */
export interface PolicyForm {
  review: { from_severity: string; false_positive_from: string };
  sla: Record<(typeof SEVERITIES)[number], TargetsForm>;
  calendar: CalendarForm | null;
}

interface CalendarRead {
  zone: string;
  hours?: Partial<Record<Day, Hours>>;
  holidays?: { country: string; subdivision?: string | null } | null;
  days_off?: readonly string[];
  days_on?: Readonly<Record<string, Hours>>;
}

type TargetsRead = Partial<Record<Clock, number | null>> & { around_the_clock?: boolean };

const byName = <K extends string, V>(names: readonly K[], of: (name: K) => V) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, V>;

export function toForm(policy: Pick<Policy, 'review' | 'sla' | 'calendar'>): PolicyForm {
  const sla = policy.sla as Partial<Record<string, TargetsRead>>;
  const calendar = policy.calendar as CalendarRead | null;
  return {
    review: {
      from_severity: String(policy.review.from_severity ?? ''),
      false_positive_from: String(policy.review.false_positive_from ?? ''),
    },
    sla: byName(SEVERITIES, (name) => ({
      ...byName(CLOCKS, (clock) => formatMinutes(sla[name]?.[clock] ?? null)),
      around_the_clock: sla[name]?.around_the_clock ?? false,
    })),
    calendar: calendar && {
      zone: calendar.zone,
      hours: byName(DAYS, (day) => formatHours(calendar.hours?.[day] ?? [])),
      country: calendar.holidays?.country ?? '',
      subdivision: calendar.holidays?.subdivision ?? '',
      days_off: (calendar.days_off ?? []).join('\n'),
      days_on: formatDaysOn(calendar.days_on ?? {}),
    },
  };
}

/** A calendar to begin with: office hours in this zone. */
export const officeHours = (zone: string): CalendarForm => ({
  zone,
  hours: byName(DAYS, (day) => (day === 'saturday' || day === 'sunday' ? '' : '09:00–17:00')),
  country: '',
  subdivision: '',
  days_off: '',
  days_on: '',
});

/** What is typed as the API takes it. Only where `mistakes` finds none. */
export function toBody({ review, sla, calendar }: PolicyForm): PolicyWrite {
  const rank = (text: string) => (text === '' ? null : Number(text));
  return {
    review: { from_severity: rank(review.from_severity), false_positive_from: rank(review.false_positive_from) },
    sla: byName(SEVERITIES, (name) => ({
      ...byName(CLOCKS, (clock) => parseMinutes(sla[name][clock]) ?? null),
      around_the_clock: sla[name].around_the_clock,
    })),
    calendar: calendar && {
      zone: calendar.zone,
      hours: Object.fromEntries(
        DAYS.flatMap((day) => {
          const hours = parseHours(calendar.hours[day]) ?? [];
          return hours.length > 0 ? [[day, hours]] : [];
        }),
      ),
      holidays: calendar.country
        ? { country: calendar.country.toUpperCase(), subdivision: calendar.subdivision.toUpperCase() || null }
        : null,
      days_off: parseDates(calendar.days_off) ?? [],
      days_on: parseDaysOn(calendar.days_on) ?? {},
    },
  };
}

/** What is wrong where, by path: `sla.high.contain`. */
export function mistakes(form: PolicyForm): Map<string, string> {
  const wrong = new Map<string, string>();
  for (const name of SEVERITIES) {
    let least = 0;
    for (const clock of CLOCKS) {
      const minutes = parseMinutes(form.sla[name][clock]);
      if (minutes === undefined) wrong.set(`sla.${name}.${clock}`, '15 min, 4 h, or nothing');
      else if (minutes !== null && minutes < least) wrong.set(`sla.${name}.${clock}`, 'Not before the one before');
      least = Math.max(least, minutes ?? 0);
    }
  }
  const { calendar } = form;
  if (!calendar) return wrong;
  for (const day of DAYS)
    if (!parseHours(calendar.hours[day])) wrong.set(`calendar.hours.${day}`, 'As 08:00–12:00, 12:30–18:00');
  if (calendar.zone === '') wrong.set('calendar.zone', 'Choose a zone');
  if (calendar.country !== '' && !/^[a-z]{2}$/i.test(calendar.country)) wrong.set('calendar.country', 'Two letters');
  if (calendar.subdivision !== '' && calendar.country === '') wrong.set('calendar.subdivision', 'Of which country?');
  if (!parseDates(calendar.days_off)) wrong.set('calendar.days_off', 'Dates as 2026-12-24');
  if (!parseDaysOn(calendar.days_on)) wrong.set('calendar.days_on', 'A date and its hours: 2026-12-28 09:00–13:00');
  return wrong;
}

const NAMES: Record<string, string> = {
  'review.from_severity': 'Second person from',
  'review.false_positive_from': 'Second person, false positives from',
  calendar: 'Working hours',
  'calendar.zone': 'Zone',
  'calendar.country': 'Holidays of',
  'calendar.subdivision': 'Part of the country',
  'calendar.days_off': 'Days off',
  'calendar.days_on': 'Days of other hours',
};

/** What a value of the form is called where changes are told. */
export function nameOf(path: string): string {
  const [part, name = '', last = ''] = path.split('.');
  if (part === 'sla') return `${words(name)}: ${last.replaceAll('_', ' ')}`;
  if (name === 'hours') return `Hours on ${words(last)}`;
  return NAMES[path] ?? words(path);
}
