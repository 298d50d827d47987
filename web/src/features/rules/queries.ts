import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { momentsOf, type RulesSearch } from './search';

const PAGE = 50;

/** Rules by how many alerts they fired in the range, the most first. Asked for as the range is at that moment. */
export const rulesQuery = ({ range = '30d', organization }: RulesSearch) =>
  infiniteQueryOptions({
    queryKey: ['rules', { range, organization }],
    queryFn: async ({ pageParam, signal }) => {
      // All pages are of the same span.
      const span = pageParam?.span ?? momentsOf(range, Date.now());
      const query = {
        ...span,
        limit: PAGE,
        ...(organization && { organization_id: organization }),
        ...(pageParam && { cursor: pageParam.cursor }),
      };
      return { ...(await read(api.GET('/api/v1/rules', { params: { query }, signal }))), span };
    },
    initialPageParam: null as { cursor: string; span: { from: string; to: string } } | null,
    getNextPageParam: ({ next_cursor, span }) => (next_cursor ? { cursor: next_cursor, span } : null),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
