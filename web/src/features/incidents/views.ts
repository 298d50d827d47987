import type { BuiltInView } from '@/domain/list/SavedViews';
import { type Chosen, searchOf } from '@/domain/list/search';
import type { ViewContent } from '@/domain/list/views';
import { ANY } from '@/lib/query';
import { EVERYTHING, type IncidentSearch, TIME, UNFINISHED, wholeOf } from './search';

const DEFAULT = 'unfinished';

const view = (key: string, name: string, chosen: Chosen, query?: string): BuiltInView => ({
  key,
  name,
  content: { query: wholeOf({ chosen, query }), sort: null, columns: [] },
});

/** Views that are always there. */
export const VIEWS: readonly BuiltInView[] = [
  view(DEFAULT, 'Unfinished', UNFINISHED),
  view('mine', 'Mine', UNFINISHED, 'assignee:me'),
  view('unassigned', 'Unassigned', { ...UNFINISHED, '-assignee': [ANY] }),
  view('severe', 'High and critical', { ...UNFINISHED, severity: [4, 5] }),
  view('closed', 'Closed', { status: ['closed'] }),
  view('everything', 'Everything', {}),
];

/** What a view would keep of the list as it is. */
export const contentOf = (search: IncidentSearch): ViewContent => ({
  query: wholeOf(search),
  sort: search.sort ?? null,
  columns: search.columns ?? [],
});

/** The list that a view is of. */
export function searchOfView(key: string, { query, sort, columns }: ViewContent): IncidentSearch {
  if (key === DEFAULT) return {};
  return {
    ...(query === EVERYTHING ? { chosen: {} } : searchOf(query, TIME)),
    view: key,
    sort: sort ?? undefined,
    columns: columns.length > 0 ? [...columns] : undefined,
  };
}
