import { formatDay, momentOf } from '@/lib/zone';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The API puts nothing off for longer. */
export const LONGEST_SNOOZE = 7 * DAY;
const MORNING = '08:00';

/** Until when an alert may be put off, by one press; mornings are those of the zone that was chosen. */
export function presets(now: number, zone: string): (readonly [label: string, until: string])[] {
  const after = (span: number) => new Date(now + span).toISOString();
  // Counted by the calendar: where clocks are changed a day has 23 hours, or 25.
  const today = Date.parse(`${formatDay(now, zone)}T00:00Z`);
  const dayIn = (days: number) => formatDay(today + days * DAY, 'utc');
  const morning = (days: number) => momentOf(`${dayIn(days)}T${MORNING}`, zone) ?? after(days * DAY);
  const weekday = new Date(today).getUTCDay();
  const monday = (8 - weekday) % 7 || 7;
  const all: (readonly [string, string])[] = [
    ['1 hour', after(HOUR)],
    ['4 hours', after(4 * HOUR)],
    ['Tomorrow, 8:00', morning(1)],
    ['Monday, 8:00', morning(monday)],
  ];
  const seen = new Set<string>();
  return all.filter(([, until]) => Date.parse(until) - now <= LONGEST_SNOOZE && !seen.has(until) && seen.add(until));
}
