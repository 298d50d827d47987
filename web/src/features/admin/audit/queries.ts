import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { AuditSearch } from '../search';

export type Entry = components['schemas']['services__api__audit__schemas__EntryRead'];
export type Chain = components['schemas']['ChainRead'];

const PAGE = 100;

/** Entries, the latest first. They are asked for anew by hand alone, so that none moves while it is read. */
export const auditQuery = ({ who, action, object, from, to }: AuditSearch) => {
  const filters = {
    ...(who && { actor_id: who }),
    ...(action && { action }),
    ...(object && { object_id: object }),
    ...(from && { since: from }),
    ...(to && { until: to }),
  };
  return infiniteQueryOptions({
    queryKey: ['audit', 'list', filters],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...filters, ...(pageParam && { cursor: pageParam }) };
      return read(api.GET('/api/v1/audit', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
};

/** Follow a chain to its end, or to where it breaks. A reply goes on for so many entries, so there may be several. */
export async function follow(
  organizationId: string,
  tell: (chain: Chain) => void,
  signal: AbortSignal,
): Promise<Chain> {
  let from: { after: number; head: string } | undefined;
  for (;;) {
    const query = { organization_id: organizationId, ...from };
    const [chain] = await read(api.GET('/api/v1/audit/verify', { params: { query }, signal }));
    if (!chain) throw new Error('There is no chain of this organization.');
    tell(chain);
    // A reply that got no further would be asked for for ever.
    if (chain.complete || !chain.whole || chain.entries <= (from?.after ?? -1)) return chain;
    from = { after: chain.entries, head: chain.head };
  }
}
