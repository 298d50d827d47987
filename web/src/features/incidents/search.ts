import type { IncidentStatus } from '@/domain/incident';
import { type Chosen, type ListSearch, parseListSearch, wholeQuery } from '@/domain/list/search';
import { ANY } from '@/lib/query';

/** All that shapes the list, as it stands in the URL. */
export interface IncidentSearch extends ListSearch {
  /** Without one, a table. */
  layout?: 'board' | undefined;
}

/** What the range of time is of. */
export const TIME = 'created_at';

export const STATUSES: readonly IncidentStatus[] = [
  'open',
  'investigating',
  'contained',
  'on_hold',
  'resolved',
  'closed',
  'merged',
];

/** What is over is not shown until somebody asks for it. */
export const UNFINISHED: Chosen = { '-status': ['closed', 'merged'] };

/** Holds for each incident. */
export const EVERYTHING = 'number:*';

/** Who asks so means what is over as well. */
const OF_ANY_STATUS = /(?:^|[\s(-])(?:status|number|id|verdict|closed_\w+|merged_\w+):/;

/** What of a URL's search is ours. `status` beside it is a choice too, for links from elsewhere. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): IncidentSearch {
  const status = Array.isArray(raw.status) ? raw.status.filter(isStatus) : [];
  const search = parseListSearch(raw);
  return {
    ...search,
    ...(status.length > 0 && { chosen: { ...search.chosen, status } }),
    layout: raw.layout === 'board' ? 'board' : undefined,
  };
}

/** What is chosen where the URL does not say. */
export const chosenIn = ({ chosen, query }: IncidentSearch): Chosen =>
  chosen ?? (query && OF_ANY_STATUS.test(query) ? {} : UNFINISHED);

/** The search with its choice said. */
const explicit = (search: IncidentSearch): IncidentSearch => ({ ...search, chosen: chosenIn(search) });

/** All of it as one query, as views keep it. */
export const wholeOf = (search: IncidentSearch): string => wholeQuery(explicit(search), TIME) ?? EVERYTHING;

/** True where nothing was asked for but what is shown anyway. */
export const isPlain = ({ chosen, query, last, from, to }: IncidentSearch): boolean =>
  chosen === undefined && !query && !last && !from && !to;

export interface Asked {
  /** Always named, for a list without one leaves out what somebody chose. */
  status: IncidentStatus[];
  query?: string;
}

/** What the API is asked for; `but` leaves out what was chosen of that field, for its own counts. */
export function asked(search: IncidentSearch, but?: string): Asked {
  const { status, '-status': out = [], ...others } = chosenIn(search);
  const chosen = Object.fromEntries(Object.entries(others).filter(([field]) => field !== but && field !== `-${but}`));
  const query = wholeQuery({ ...search, chosen }, TIME);
  return { status: but === 'status' ? [...STATUSES] : statusesOf(status, out), ...(query && { query }) };
}

function statusesOf(wanted: Chosen[string] | undefined, out: Chosen[string]): IncidentStatus[] {
  const some = wanted && !wanted.includes(ANY) ? STATUSES.filter((one) => wanted.includes(one)) : STATUSES;
  const left = some.filter((one) => !out.includes(one));
  // Nothing at all would be asked for as if nothing had been chosen.
  return left.length > 0 ? [...left] : [...some];
}

const isStatus = (value: unknown): value is IncidentStatus => STATUSES.some((one) => one === value);
