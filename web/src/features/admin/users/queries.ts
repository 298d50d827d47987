import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type { Member } from '@/domain/people';
export type Role = components['schemas']['Role'];
export type Invitation = components['schemas']['InvitationRead'];

const PAGE = 100;

/** People, once for each organization they are in, the first to join first. */
export const membersQuery = infiniteQueryOptions({
  queryKey: ['people', 'members'],
  queryFn: ({ pageParam, signal }) =>
    read(
      api.GET('/api/v1/users', { params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
});

/** Invitations that nobody has accepted yet, the latest first. */
export const invitationsQuery = infiniteQueryOptions({
  queryKey: ['invitations'],
  queryFn: ({ pageParam, signal }) =>
    read(
      api.GET('/api/v1/invitations', {
        params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
});
