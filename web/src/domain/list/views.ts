import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import type { components } from '@/api/schema';

export type View = components['schemas']['ViewRead'];
export type ViewKind = View['kind'];

/** What a view keeps of a list. */
export interface ViewContent {
  query: string;
  sort: string | null;
  columns: readonly string[];
}

/** More than these nobody finds again in a row of tabs. */
const MOST = 100;

/** One's own views and the shared ones, the oldest first. */
export const viewsQuery = (kind: ViewKind) =>
  queryOptions({
    queryKey: ['views', kind],
    queryFn: async ({ signal }) =>
      (await read(api.GET('/api/v1/views', { params: { query: { kind, limit: MOST } }, signal }))).items,
    staleTime: 60_000,
  });

export const createView = (kind: ViewKind, name: string, shared: boolean, content: ViewContent): Promise<View> =>
  read(api.POST('/api/v1/views', { body: { kind, name, shared, ...content, columns: [...content.columns] } }));

type Change = components['schemas']['ViewUpdate'];

/** Raises ApiError 412 with the view as somebody else made it. */
export const changeView = (view: View, body: Change): Promise<View> =>
  read(
    api.PATCH('/api/v1/views/{view_id}', {
      params: { path: { view_id: view.id }, header: ifMatch(view.revision) },
      body,
    }),
  );

export const deleteView = (view: View) =>
  api.DELETE('/api/v1/views/{view_id}', { params: { path: { view_id: view.id } } });

export function sameContent(one: ViewContent, other: ViewContent): boolean {
  return one.query === other.query && one.sort === other.sort && one.columns.join() === other.columns.join();
}

const keyOf = (kind: ViewKind) => `eventsec.view.${kind}`;

/** Which view this browser begins with; undefined is the first one. */
export function firstView(kind: ViewKind): string | undefined {
  try {
    return localStorage.getItem(keyOf(kind)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepFirstView(kind: ViewKind, key: string): void {
  try {
    localStorage.setItem(keyOf(kind), key);
  } catch {
    // Private windows refuse.
  }
}
