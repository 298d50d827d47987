/** Of what time: the last so much, which goes on with the time, or from and to. */
export interface Range {
  /** As the query language has it: 15m, 24h, 7d. */
  last?: string | undefined;
  /** ISO moments. */
  from?: string | undefined;
  to?: string | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const NAMES: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };
const LAST = /^(\d{1,4})([smhdw])$/;

/** What of a URL's search is a range. */
export function rangeOf(raw: Readonly<Record<string, unknown>>): Range {
  const last = typeof raw.last === 'string' && spanOf(raw.last) !== undefined ? raw.last : undefined;
  return last ? { last, from: undefined, to: undefined } : { last, from: moment(raw.from), to: moment(raw.to) };
}

/** `24h` in milliseconds; undefined where it is none. */
export function spanOf(last: string): number | undefined {
  const [, count, unit] = LAST.exec(last) ?? [];
  const span = Number(count) * (SECONDS[unit ?? ''] ?? 0) * 1000;
  return span > 0 ? span : undefined;
}

/** `24h` as people say it: Last 24 hours. */
export function lastLabel(last: string): string {
  const [, count, unit] = LAST.exec(last) ?? [];
  const name = NAMES[unit ?? ''] ?? '';
  return count === '1' ? `Last ${name}` : `Last ${count} ${name}s`;
}

/** As queries over a field. */
export function rangeQueries({ last, from, to }: Range, time: string): string[] {
  if (last) return [`${time}:>now-${last}`];
  return [...(from ? [`${time}:>="${from}"`] : []), ...(to ? [`${time}:<"${to}"`] : [])];
}

const moment = (value: unknown): string | undefined =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined;
