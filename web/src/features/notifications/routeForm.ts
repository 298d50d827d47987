import { severityLabel } from '@/domain/severities';
import { words } from '@/lib/format';
import { type Kind, kindLabel } from './kinds';
import type { Route } from './queries';

export interface QuietForm {
  from: string;
  to: string;
  zone: string;
  days: number[];
}

/** A route as it is typed. */
export interface RouteForm {
  kinds: Kind[];
  min_severity: string;
  quiet_hours: QuietForm | null;
  coalesce_seconds: string;
}

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

export const SEVERITIES = [
  ['1', 'Every severity'],
  ['2', 'Low and above'],
  ['3', 'Medium and above'],
  ['4', 'High and above'],
  ['5', 'Critical'],
] as const;

const SPANS: readonly (readonly [string, string])[] = [
  ['0', 'Each by itself'],
  ['60', 'Within a minute'],
  ['300', 'Within 5 minutes'],
  ['900', 'Within 15 minutes'],
  ['3600', 'Within an hour'],
];

export const spanLabel = (seconds: string): string =>
  SPANS.find(([value]) => value === seconds)?.[1] ?? `Within ${seconds} seconds`;

/** The usual spans, and the one that is set, whatever it is. */
export const spansWith = (seconds: string): readonly (readonly [string, string])[] =>
  SPANS.some(([value]) => value === seconds) ? SPANS : [...SPANS, [seconds, spanLabel(seconds)]];

export const NEW: RouteForm = { kinds: [], min_severity: '1', quiet_hours: null, coalesce_seconds: '60' };

export const quietFrom = (zone: string): QuietForm => ({ from: '22:00', to: '07:00', zone, days: EVERY_DAY });

export function toForm(route: Route): RouteForm {
  const { quiet_hours: quiet } = route;
  return {
    kinds: route.kinds as Kind[],
    min_severity: String(route.min_severity),
    quiet_hours: quiet && { from: quiet.from, to: quiet.to, zone: quiet.zone ?? 'UTC', days: quiet.days ?? EVERY_DAY },
    coalesce_seconds: String(route.coalesce_seconds),
  };
}

export function toBody(form: RouteForm) {
  return {
    kinds: form.kinds,
    min_severity: Number(form.min_severity),
    quiet_hours: form.quiet_hours,
    coalesce_seconds: Number(form.coalesce_seconds),
  };
}

/** What keeps it from being saved, by field. */
export function mistakes({ kinds, quiet_hours }: RouteForm): Map<string, string> {
  const wrong = new Map<string, string>();
  if (kinds.length === 0) wrong.set('kinds', 'Choose at least one.');
  if (quiet_hours) {
    if (!quiet_hours.from || !quiet_hours.to) wrong.set('quiet_hours', 'Say from when to when.');
    else if (quiet_hours.from === quiet_hours.to) wrong.set('quiet_hours', 'From and until are the same.');
    if (quiet_hours.days.length === 0) wrong.set('days', 'Choose at least one day.');
    if (!quiet_hours.zone) wrong.set('zone', 'Choose a zone.');
  }
  return wrong;
}

/** Quiet hours in a line: `22:00–07:00 Europe/Vienna, Fri`. */
export function quietLabel(quiet: Route['quiet_hours'] | QuietForm): string {
  if (!quiet) return '';
  const days = quiet.days ?? EVERY_DAY;
  const which = days.length === 7 ? '' : `, ${days.map((day) => DAYS[day]).join(' ')}`;
  return `${quiet.from}–${quiet.to} ${quiet.zone ?? 'UTC'}${which}`;
}

/** How a value of the form is told among changes. */
export function told(path: string, value: unknown): string {
  if (path === 'kinds') return (value as Kind[]).map(kindLabel).join(', ');
  if (path === 'min_severity') return severityLabel(Number(value));
  if (path === 'coalesce_seconds') return spanLabel(String(value));
  if (path === 'quiet_hours') return quietLabel(value as QuietForm | null);
  if (path.endsWith('.days')) return (value as number[]).map((day) => DAYS[day]).join(' ');
  return String(value ?? '');
}

export const nameOf = (path: string): string => words(path.replace('.', ' ').replace('min_severity', 'from severity'));
