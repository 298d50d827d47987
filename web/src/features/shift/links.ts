import type { AlertStatus } from '@/domain/statuses';

/** The ages of what is open, as the dashboard parts it. */
export const AGES = [
  ['under_1h', 'under 1 h', undefined, '1h'],
  ['under_4h', '1–4 h', '1h', '4h'],
  ['under_1d', '4–24 h', '4h', '24h'],
  ['under_7d', '1–7 d', '24h', '7d'],
  ['older', 'over 7 d', '7d', undefined],
] as const;

export type Age = (typeof AGES)[number];

/** What counts as open on the dashboard; unlike the queue, also what is in an incident. */
const OPEN: AlertStatus[] = ['new', 'acknowledged', 'in_progress'];
const UNFINISHED = 'status:(open OR investigating OR contained OR on_hold)';

/** The query for one of the ages, by the field that an age is reckoned from. */
export function aged(field: string, [, , from, to]: Age): string {
  const parts = [from && `${field}:<=now-${from}`, to && `${field}:>now-${to}`];
  return parts.filter(Boolean).join(' AND ');
}

/** The search of the alerts' page for what is open, and for a part of it. */
export const openAlerts = (query?: string) => ({ status: OPEN, query });

/** The same of incidents. */
export const unfinished = (query?: string) => ({ query: query ? `${UNFINISHED} AND ${query}` : UNFINISHED });
