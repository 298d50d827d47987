import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { BoardData, BoardPart, Incident, ListPage } from './queries';

type Change = (row: Incident) => Incident;

/** Change rows wherever they are shown; none is moved or taken out. */
export function show(client: QueryClient, ids: readonly string[], change: Change): void {
  const wanted = new Set(ids);
  const each = (rows: readonly Incident[]) => rows.map((row) => (wanted.has(row.id) ? change(row) : row));
  client.setQueriesData<InfiniteData<ListPage>>(
    { queryKey: ['incidents', 'list'] },
    (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: each(page.items) })) },
  );
  client.setQueriesData<BoardData>(
    { queryKey: ['incidents', 'board'] },
    (data) => data && { ...data, parts: data.parts.map((part) => ({ ...part, items: each(part.items) })) },
  );
}

/** The same of one row that somebody moved here: on boards it goes to its column. */
export function put(client: QueryClient, row: Incident): void {
  show(client, [row.id], () => row);
  client.setQueriesData<BoardData>(
    { queryKey: ['incidents', 'board'] },
    (data) => data && { ...data, parts: moved(data.parts, row) },
  );
}

/** A row in the column of its status, at the top where it is new there; one that no column has stays away. */
export function moved(parts: readonly BoardPart[], row: Incident): BoardPart[] {
  const from = parts.find((part) => part.items.some((one) => one.id === row.id));
  if (!from || from.status === row.status) return [...parts];
  return parts.map((part) => {
    if (part === from)
      return { ...part, items: part.items.filter((one) => one.id !== row.id), total: Math.max(0, part.total - 1) };
    if (part.status === row.status) return { ...part, items: [row, ...part.items], total: part.total + 1 };
    return part;
  });
}

/** Which of two is the later. */
export const newer = (row: Incident, other: Incident | undefined): Incident =>
  other && (other.revision > row.revision || Date.parse(other.updated_at) > Date.parse(row.updated_at)) ? other : row;

/** A row after it was read anew. Its clocks go on without a change of it, and replies to one do not tell of them. */
export const reread = (row: Incident, now: Incident | undefined): Incident =>
  now ? { ...newer(row, now), clocks: now.clocks ?? [] } : row;

/** A row as it is shown now. */
export function shownNow(client: QueryClient, id: string): Incident | undefined {
  const lists = client.getQueriesData<InfiniteData<ListPage>>({ queryKey: ['incidents', 'list'] });
  const boards = client.getQueriesData<BoardData>({ queryKey: ['incidents', 'board'] });
  const all = [
    ...lists.flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? []),
    ...boards.flatMap(([, data]) => data?.parts.flatMap((part) => part.items) ?? []),
  ].filter((row) => row.id === id);
  return all.reduce<Incident | undefined>((one, other) => (one ? newer(one, other) : other), undefined);
}
