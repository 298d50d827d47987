import { type Range, spanOf } from '@/domain/list/range';
import { filtersOf, type ListSearch, parseListSearch, searchOf, wholeQuery } from '@/domain/list/search';
import type { ViewContent } from '@/domain/list/views';
import { allOf } from '@/lib/query';

/**
 * What of `/explorer?…` is ours. Who links here gives `query` in the query language, and the range of time as `last`
 * (15m, 24h, 7d), which goes on with the time, or as `from` and `to`, two moments in ISO; without any it is the last
 * day. `chosen` are filters by field, with `-` in front for those left out; `columns` are those of the table, by the
 * names that views take; `open` is the id of the event that is shown beside it; `view` is the saved view it came from.
 */
export type ExplorerSearch = Omit<ListSearch, 'sort'>;

/** What ranges are of. */
const TIME = '@timestamp';
const LAST = '24h';

/** What of a URL's search is ours; anything else in it is left out. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): ExplorerSearch {
  const { sort: _, ...ours } = parseListSearch(raw);
  return ours;
}

/** What is asked for beside the range, in one query. */
export function queryOf({ query, chosen }: ExplorerSearch): string | undefined {
  return allOf([...(query ? [query] : []), ...filtersOf({ chosen }, TIME)]);
}

/** From when to before when, as of a moment. */
export interface Span {
  from: string;
  to: string;
}

/** What the range means at this moment. */
export function spanAt({ last, from, to }: Range, now: number): Span {
  const end = to ? Date.parse(to) : now;
  const start = from && !last ? Date.parse(from) : end - (spanOf(last ?? LAST) ?? 0);
  // A span that ends before it begins is none; what begins later than now has nothing in it yet.
  return { from: new Date(start).toISOString(), to: new Date(Math.max(end, start + 1000)).toISOString() };
}

/** The same span, half as much again on both sides; never into what is to come. */
export function wider({ from, to }: Span, now: number): Span {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const half = (end - start) / 2;
  return { from: new Date(start - half).toISOString(), to: new Date(Math.min(end + half, now)).toISOString() };
}

/** Whether events that come now can be in the range. */
export const goesOn = ({ to }: Range, now: number): boolean => to === undefined || Date.parse(to) > now;

/** What a saved view keeps of it. Events have one order. */
export function contentOf(search: ExplorerSearch): ViewContent {
  return { query: wholeQuery(search, TIME) ?? '', sort: null, columns: search.columns ?? [] };
}

/** What a view says in a URL. */
export function searchOfView(key: string, { query, columns }: ViewContent): ExplorerSearch {
  const said =
    query === '' ? { query: undefined, last: undefined, from: undefined, to: undefined } : searchOf(query, TIME);
  return { ...said, columns: columns.length > 0 ? [...columns] : undefined, view: key, open: undefined };
}
