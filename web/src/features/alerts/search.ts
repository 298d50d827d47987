import type { AlertStatus } from '@/domain/status';
import { allOf, oneOf } from '@/lib/query';

/** Chosen values by field; a field with `-` in front is left out. */
export type Chosen = Readonly<Record<string, readonly (string | number)[]>>;

/** All that shapes the queue, as it stands in the URL: going back works, and a reload loses nothing. */
export interface AlertSearch {
  query?: string | undefined;
  status?: AlertStatus[] | undefined;
  chosen?: Chosen | undefined;
  /** ISO moments of a range that was drawn. */
  from?: string | undefined;
  to?: string | undefined;
  sort?: string | undefined;
  /** The alert that is previewed. */
  open?: string | undefined;
}

const STATUSES: readonly string[] = ['new', 'acknowledged', 'in_progress', 'closed', 'suppressed'];
const MAX_QUERY = 4096;

/** What of a URL's search is ours; anything else in it is left out. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): AlertSearch {
  const status = Array.isArray(raw.status) ? raw.status.filter(isStatus) : [];
  const chosen = isRecord(raw.chosen) ? parseChosen(raw.chosen) : {};
  return {
    query: text(raw.query)?.slice(0, MAX_QUERY),
    status: status.length > 0 ? status : undefined,
    chosen: Object.keys(chosen).length > 0 ? chosen : undefined,
    from: moment(raw.from),
    to: moment(raw.to),
    sort: text(raw.sort),
    open: text(raw.open),
  };
}

/** Each choice as a query of its own, so that facets can leave their own out. */
export function filters({ chosen = {}, from, to }: AlertSearch): string[] {
  const values = Object.entries(chosen).map(([field, some]) =>
    field.startsWith('-') ? `NOT ${oneOf(field.slice(1), some)}` : oneOf(field, some),
  );
  const range = [from && `last_seen:>="${from}"`, to && `last_seen:<"${to}"`];
  return [...values, ...range.filter((one) => one !== undefined && one !== '')] as string[];
}

/** What the list is asked for: a list has one query. */
export function wholeQuery(search: AlertSearch): string | undefined {
  return allOf([...(search.query ? [search.query] : []), ...filters(search)]);
}

/** The same choice with this value in it, or without it. */
export function toggled(chosen: Chosen | undefined, field: string, value: string | number): Chosen | undefined {
  const before = chosen?.[field] ?? [];
  const after = before.includes(value) ? before.filter((one) => one !== value) : [...before, value];
  const { [field]: _, ...others } = chosen ?? {};
  const all = after.length > 0 ? { ...others, [field]: after } : others;
  return Object.keys(all).length > 0 ? all : undefined;
}

function parseChosen(raw: Readonly<Record<string, unknown>>): Chosen {
  const found: Record<string, (string | number)[]> = {};
  for (const [field, values] of Object.entries(raw)) {
    if (!/^-?[a-z_.]+$/.test(field) || !Array.isArray(values)) continue;
    const kept = values.filter((one) => typeof one === 'string' || typeof one === 'number');
    if (kept.length > 0) found[field] = kept;
  }
  return found;
}

const isStatus = (value: unknown): value is AlertStatus => typeof value === 'string' && STATUSES.includes(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const moment = (value: unknown): string | undefined =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined;
