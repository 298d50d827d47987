import { allOf, choiceOf, oneOf, partsOf } from '@/lib/query';
import { type Range, rangeOf, rangeQueries } from './range';

/** Chosen values by field; a field with `-` in front is left out. */
export type Chosen = Readonly<Record<string, readonly (string | number)[]>>;

/** All that shapes a list, as it stands in the URL: going back works, and a reload loses nothing. */
export interface ListSearch extends Range {
  query?: string | undefined;
  /** Without one, what the list begins with; an empty one is none. */
  chosen?: Chosen | undefined;
  sort?: string | undefined;
  /** Columns, where they are not those that the list begins with. */
  columns?: string[] | undefined;
  /** The saved view that it came from. */
  view?: string | undefined;
  /** What is shown beside the list. */
  open?: string | undefined;
}

const MAX_QUERY = 4096;

/** What of a URL's search is ours; anything else in it is left out. */
export function parseListSearch(raw: Readonly<Record<string, unknown>>): ListSearch {
  const columns = Array.isArray(raw.columns) ? raw.columns.filter((one) => typeof one === 'string') : [];
  return {
    query: textOf(raw.query)?.slice(0, MAX_QUERY),
    chosen: isRecord(raw.chosen) ? parseChosen(raw.chosen) : undefined,
    ...rangeOf(raw),
    sort: textOf(raw.sort),
    columns: columns.length > 0 ? columns : undefined,
    view: textOf(raw.view),
    open: textOf(raw.open),
  };
}

/** Each choice as a query of its own, so that facets can leave their own out. `time` is what the range is of. */
export function filtersOf(search: ListSearch, time: string): string[] {
  return [...choicesOf(search.chosen ?? {}), ...rangeQueries(search, time)];
}

/** All of it in one query; undefined where nothing is asked for. */
export function wholeQuery(search: ListSearch, time: string): string | undefined {
  return allOf([...(search.query ? [search.query] : []), ...filtersOf(search, time)]);
}

/** What a whole query says, as text, choices and range: the inverse of `wholeQuery` for what it made. */
export function searchOf(query: string, time: string): Pick<ListSearch, 'query' | 'chosen'> & Range {
  const chosen: Record<string, readonly (string | number)[]> = {};
  const others: string[] = [];
  let range: Range = {};
  for (const part of query === '' ? [] : partsOf(query)) {
    const choice = choiceOf(part);
    const found = rangeFrom(part, time);
    if (choice && !(choice.field in chosen)) chosen[choice.field] = choice.values;
    else if (found) range = { ...range, ...found };
    else others.push(part);
  }
  return { query: allOf(others), chosen, last: undefined, from: undefined, to: undefined, ...range };
}

/** The same choice with this value in it, or without it. Chosen for and left out are never both. */
export function toggled(chosen: Chosen | undefined, field: string, value: string | number): Chosen {
  const { [field]: before = [], ...others } = chosen ?? {};
  const after = before.includes(value) ? before.filter((one) => one !== value) : [...before, value];
  const opposite = field.startsWith('-') ? field.slice(1) : `-${field}`;
  const kept = (others[opposite] ?? []).filter((one) => one !== value);
  const { [opposite]: _, ...rest } = others;
  return {
    ...rest,
    ...(kept.length > 0 && { [opposite]: kept }),
    ...(after.length > 0 && { [field]: after }),
  };
}

/** True where both choose the same. */
export function sameChoice(one: Chosen, other: Chosen): boolean {
  const told = (chosen: Chosen) => choicesOf(chosen).sort().join('\n');
  return told(one) === told(other);
}

function choicesOf(chosen: Chosen): string[] {
  return Object.entries(chosen).map(([field, some]) =>
    field.startsWith('-') ? `NOT ${oneOf(field.slice(1), some)}` : oneOf(field, some),
  );
}

function rangeFrom(part: string, time: string): Range | undefined {
  if (!part.startsWith(`${time}:`)) return undefined;
  const [, last, from, to] = /^(?:>now-(\d+[smhdw])|>="([^"]+)"|<"([^"]+)")$/.exec(part.slice(time.length + 1)) ?? [];
  if (last) return { last };
  if (from) return { from };
  return to ? { to } : undefined;
}

function parseChosen(raw: Readonly<Record<string, unknown>>): Chosen {
  const found: Record<string, (string | number)[]> = {};
  for (const [field, values] of Object.entries(raw)) {
    if (!/^-?@?[\w.]+$/.test(field) || !Array.isArray(values)) continue;
    const kept = values.filter((one) => typeof one === 'string' || typeof one === 'number');
    if (kept.length > 0) found[field] = kept;
  }
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
