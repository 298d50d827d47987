import type { BuiltInView } from '@/domain/list/SavedViews';
import { type Chosen, searchOf } from '@/domain/list/search';
import type { ViewContent } from '@/domain/list/views';
import { ANY } from '@/lib/query';
import { type AlertSearch, EVERYTHING, OPEN, QUEUE, TIME, wholeOf } from './search';

const DEFAULT = 'open';

const view = (key: string, name: string, chosen: Chosen, query?: string): BuiltInView => ({
  key,
  name,
  content: { query: wholeOf({ chosen, query }) ?? EVERYTHING, sort: null, columns: [] },
});

/** Views that are always there. */
export const VIEWS: readonly BuiltInView[] = [
  view(DEFAULT, 'Open', QUEUE),
  view('mine', 'Mine', { status: OPEN }, 'assignee:me'),
  view('unassigned', 'Unassigned high+', { status: OPEN, severity: [4, 5], '-assignee': [ANY] }),
  view('everything', 'Everything', {}),
];

/** What a view would keep of the list as it is. */
export const contentOf = (search: AlertSearch): ViewContent => ({
  query: wholeOf(search) ?? EVERYTHING,
  sort: search.sort ?? null,
  columns: search.columns ?? [],
});

/** The list that a view is of. */
export function searchOfView(key: string, { query, sort, columns }: ViewContent): AlertSearch {
  if (key === DEFAULT) return {};
  return {
    ...(query === EVERYTHING ? { chosen: {} } : searchOf(query, TIME)),
    view: key,
    sort: sort ?? undefined,
    columns: columns.length > 0 ? [...columns] : undefined,
  };
}

/** What it finds, as counts are asked for; the queue by nothing. */
export const queryOfView = ({ key, content }: BuiltInView): string | undefined =>
  key === DEFAULT ? undefined : content.query;
