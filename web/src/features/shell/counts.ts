import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { Icon } from '@/app/about';
import { useMay } from '@/domain/session';
import { useRefresh } from '@/domain/useRefresh';
import { formatCompact, formatCount } from '@/lib/format';

interface Count {
  shown: string;
  said: string;
  /** Somebody should look now. */
  loud: boolean;
}

/** How much waits at a place. */
export type Counts = Partial<Readonly<Record<Icon, Count>>>;

/** The API counts no further. */
const MANY = 10_000;
/** Changes come in bursts, and a number beside a name need not be of this second. */
const GATHER_MS = 15_000;
const KEY = ['shell', 'counts'];
const NEW_AND_CRITICAL = 5;

const total = (query: { min_severity?: number } = {}) =>
  queryOptions({
    queryKey: [...KEY, 'alerts', query],
    queryFn: async ({ signal }) => {
      const asked = { ...query, limit: 1, with_total: true };
      return (await read(api.GET('/api/v1/alerts', { params: { query: asked }, signal }))).total ?? 0;
    },
    placeholderData: keepPreviousData,
    staleTime: GATHER_MS,
  });

const incidents = queryOptions({
  queryKey: [...KEY, 'incidents'],
  queryFn: async ({ signal }) => {
    const asked = { limit: 1, with_total: true };
    return (await read(api.GET('/api/v1/incidents', { params: { query: asked }, signal }))).total ?? 0;
  },
  placeholderData: keepPreviousData,
  staleTime: GATHER_MS,
});

/** As it stands beside the name of a place; nothing where nothing waits. */
export function countOf(total: number | undefined, said: string, loud = false): Count | undefined {
  if (!total) return undefined;
  const more = total >= MANY ? '+' : '';
  return {
    shown: `${total < 1_000 ? total : formatCompact(total)}${more}`,
    said: `${formatCount(total)}${more} ${said}`,
    loud,
  };
}

/** Open alerts that are in no incident, and unfinished incidents: what the two lists show when they are opened. */
export function useCounts(): Counts {
  const [alerts, critical] = [useMay('alerts:read'), NEW_AND_CRITICAL];
  const cases = useMay('incidents:read');
  const open = useQuery({ ...total(), enabled: alerts });
  const worst = useQuery({ ...total({ min_severity: critical }), enabled: alerts });
  const unfinished = useQuery({ ...incidents, enabled: cases });
  useRefresh(['alert', 'incident'], [KEY], { gather: GATHER_MS });
  const counts: [Icon, Count | undefined][] = [
    [
      'alerts',
      countOf(
        open.data,
        worst.data ? `open, ${formatCount(worst.data)} of them critical` : 'open',
        Boolean(worst.data),
      ),
    ],
    ['incidents', countOf(unfinished.data, 'unfinished')],
  ];
  return Object.fromEntries(counts.filter(([, count]) => count !== undefined));
}
