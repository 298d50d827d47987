import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ListOf } from '../queries';

/** A list page by page: its rows so far, and how to have more; `reply` is for what is not there yet, or cannot be had. */
export function usePages<T>(list: ListOf<T>) {
  const reply = useInfiniteQuery(list);
  const rows = useMemo(() => reply.data?.pages.flatMap((page) => page.items) ?? [], [reply.data]);
  const more = reply.hasNextPage
    ? { load: () => void reply.fetchNextPage(), busy: reply.isFetchingNextPage }
    : undefined;
  return { rows, reply, more };
}
