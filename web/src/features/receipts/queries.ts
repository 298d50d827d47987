import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Receipt = components['schemas']['Receipt'];

const ON_ITS_WAY = new Set<Receipt['state']>(['queued_or_unknown', 'storing']);
const OFTEN_MS = 2_000;

/** How far something has come; asked for again while it is on its way. */
export const receiptQuery = (id: string) =>
  queryOptions({
    queryKey: ['receipts', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/receipts/{receipt_id}', { params: { path: { receipt_id: id } }, signal })),
    refetchInterval: ({ state }) => {
      const { data } = state;
      return data && (ON_ITS_WAY.has(data.state) || data.search === 'pending') ? OFTEN_MS : false;
    },
  });
