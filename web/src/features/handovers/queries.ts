import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import type { components } from '@/api/schema';

export type Handover = components['schemas']['HandoverRead'];
export type Listed = components['schemas']['HandoverSummary'];
export type Item = components['schemas']['ItemRead'];
export type Moved = components['schemas']['Moved'];
type Update = components['schemas']['HandoverUpdate'];
type Create = components['schemas']['HandoverCreate'];

const KEY = 'handovers';
/** The stream does not tell of them. */
const AGAIN_MS = 30_000;

/** The latest first, page by page. */
export const handoversQuery = infiniteQueryOptions({
  queryKey: [KEY, 'list'],
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: 50, ...(pageParam && { cursor: pageParam }) };
    return read(api.GET('/api/v1/handovers', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
  refetchInterval: AGAIN_MS,
});

/** One with its brief. */
export const handoverQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/handovers/{handover_id}', { params: { path: { handover_id: id } }, signal })),
    refetchInterval: AGAIN_MS,
  });

/** Unfinished incidents of an organization that could be handed over, by a part of their title. */
export const candidatesQuery = (organizationId: string, text: string) =>
  queryOptions({
    queryKey: [KEY, 'candidates', organizationId, text],
    queryFn: async ({ signal }) => {
      const open = 'status:(open OR investigating OR contained OR on_hold)';
      const words = text
        .trim()
        .replace(/[^\p{L}\p{N} ]/gu, ' ')
        .trim();
      const query = [open, `organization_id:"${organizationId}"`, words && `title:(${words}*)`]
        .filter(Boolean)
        .join(' AND ');
      return (await read(api.GET('/api/v1/incidents', { params: { query: { query, limit: 50 } }, signal }))).items;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });

const at = ({ id, revision }: Pick<Listed, 'id' | 'revision'>) => ({
  path: { handover_id: id },
  header: ifMatch(revision),
});

/** Begin one: its snapshot is of now. */
export const begin = (body: Create) => read(api.POST('/api/v1/handovers', { body }));

/** Write shift, notes, and who takes over. */
export const write = (handover: Handover, body: Update): Promise<Handover> =>
  read(api.PATCH('/api/v1/handovers/{handover_id}', { params: at(handover), body }));

/** Say what is to be done next in which incident. */
export const writeItems = (
  handover: Handover,
  items: readonly Pick<Item, 'incident_id' | 'next_step'>[],
): Promise<Handover> =>
  read(
    api.PUT('/api/v1/handovers/{handover_id}/items', {
      params: at(handover),
      body: { items: items.map(({ incident_id, next_step }) => ({ incident_id, next_step })) },
    }),
  );

/** Hand over. */
export const sign = (handover: Handover): Promise<Handover> =>
  read(api.POST('/api/v1/handovers/{handover_id}/sign', { params: at(handover) }));

/** Take over, with the other's open work or without. */
export const accept = (handover: Handover, moveWork: boolean) =>
  read(api.POST('/api/v1/handovers/{handover_id}/accept', { params: at(handover), body: { move_work: moveWork } }));
