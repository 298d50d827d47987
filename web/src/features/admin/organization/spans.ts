/** Spans of minutes, of hours of a day, and of dates, as people type them and as the API has them. */

const MOST_MINUTES = 129_600;

/** `15` minutes, `4 h`, `1 h 30 min`; null for no target, undefined where it cannot be read. */
export function parseMinutes(text: string): number | null | undefined {
  const given = text.trim().toLowerCase();
  if (given === '') return null;
  const found = /^(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*(?:m|min|minutes?)?)?$/.exec(given);
  if (!found) return undefined;
  const minutes = Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
  return minutes >= 1 && minutes <= MOST_MINUTES ? minutes : undefined;
}

/** 90 as `1 h 30 min`. No days: of working time a day has fewer hours than one of the calendar. */
export function formatMinutes(minutes: number | null): string {
  if (minutes === null) return '';
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 && `${hours} h`, rest > 0 && `${rest} min`].filter(Boolean).join(' ');
}

export type Hours = readonly (readonly string[])[];

const SPAN = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/;

/** `08:00–12:00, 12:30–18:00`, in order and without overlap; undefined where it is not. Empty is not worked. */
export function parseHours(text: string): string[][] | undefined {
  const spans: string[][] = [];
  let before = '00:00';
  for (const part of text.split(/[,;\n]/).map((one) => one.trim())) {
    if (part === '') continue;
    const found = SPAN.exec(part);
    if (!found) return undefined;
    const from = clock(found[1], found[2]);
    const to = clock(found[3], found[4]);
    if (!from || !to || from >= to || from < before) return undefined;
    spans.push([from, to]);
    before = to;
  }
  return spans;
}

export const formatHours = (hours: Hours): string => hours.map(([from, to]) => `${from}–${to}`).join(', ');

function clock(hours = '', minutes = ''): string | undefined {
  const at = `${hours.padStart(2, '0')}:${minutes}`;
  return Number(minutes) < 60 && at <= '24:00' ? at : undefined;
}

/** Dates, one a line or with commas between; undefined where one is none. */
export function parseDates(text: string): string[] | undefined {
  const dates = text.split(/[\s,;]+/).filter(Boolean);
  return dates.every(isDate) ? [...new Set(dates)].sort() : undefined;
}

/** A date with its hours a line, `2026-12-28 09:00–13:00`; undefined where one cannot be read. */
export function parseDaysOn(text: string): Record<string, string[][]> | undefined {
  const days: Record<string, string[][]> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const [date = '', ...rest] = line.split(/\s+/);
    const hours = parseHours(rest.join(' '));
    if (!isDate(date) || !hours || hours.length === 0) return undefined;
    days[date] = hours;
  }
  return days;
}

export const formatDaysOn = (days: Readonly<Record<string, Hours>>): string =>
  Object.keys(days)
    .sort()
    .map((date) => `${date} ${formatHours(days[date] ?? [])}`)
    .join('\n');

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
