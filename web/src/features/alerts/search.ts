import { type Chosen, filtersOf, type ListSearch, parseListSearch, wholeQuery } from '@/domain/list/search';
import { type AlertStatus, STATUSES } from '@/domain/statuses';
import { ANY } from '@/lib/query';

/** All that shapes the queue, as it stands in the URL. */
export type AlertSearch = ListSearch;

/** What the range of time is of. */
export const TIME = 'last_seen';
export const OPEN: readonly AlertStatus[] = ['new', 'acknowledged', 'in_progress'];

/** What waits for somebody: open, and in no incident. The API lists the same when nothing is asked for. */
export const QUEUE: Chosen = { status: OPEN, '-incident_id': [ANY] };

/** What of a URL's search is ours. `status` beside it is a choice too, for links from elsewhere. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): AlertSearch {
  const search = parseListSearch(raw);
  const status = Array.isArray(raw.status) ? raw.status.filter((one) => STATUSES.includes(one)) : [];
  return status.length > 0 ? { ...search, chosen: { ...search.chosen, status } } : search;
}

/** What is chosen where the URL does not say: the queue, or nothing where it asks for something else. */
export function chosenIn({ chosen, query }: AlertSearch): Chosen {
  return chosen ?? (query ? {} : QUEUE);
}

/** True of the queue as it is without any choice of ours. */
export const isQueue = (search: AlertSearch): boolean =>
  search.chosen === undefined && !search.query && !search.last && !search.from && !search.to;

/** The search with its choice said. */
export const explicit = (search: AlertSearch): AlertSearch => ({ ...search, chosen: chosenIn(search) });

/** All of it as one query, said in full. */
export const wholeOf = (search: AlertSearch): string | undefined => wholeQuery(explicit(search), TIME);

/** What lists are asked for. The queue is asked for by nothing, which Postgres answers at once. */
export function asked(search: AlertSearch): { query?: string } {
  const query = isQueue(search) ? undefined : wholeOf(search);
  // Nothing at all would be the queue again.
  return isQueue(search) ? {} : { query: query ?? EVERYTHING };
}

/** The same for counts, each choice apart. */
export function counted(search: AlertSearch): { query?: string; filter?: string[] } {
  if (isQueue(search)) return {};
  const filter = filtersOf(explicit(search), TIME);
  const query = search.query || (filter.length === 0 ? EVERYTHING : undefined);
  return { ...(query && { query }), ...(filter.length > 0 && { filter }) };
}

/** Holds for each alert. */
export const EVERYTHING = 'severity:*';
