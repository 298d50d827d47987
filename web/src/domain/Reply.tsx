import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Skeleton } from '@/ui/Skeleton';
import { ErrorState } from './ErrorState';

interface Props<T> {
  of: Pick<UseQueryResult<T>, 'data' | 'error' | 'isError' | 'refetch'>;
  children: (data: T) => ReactNode;
  /** How many lines stand in its place until it is there. */
  lines?: number;
}

/** What a query said, whatever that is: on its way, there, there but not the newest, or not to be had. */
export function Reply<T>({ of, children, lines }: Props<T>) {
  const { data, error, isError, refetch } = of;
  if (data === undefined)
    return isError ? (
      <ErrorState error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton {...(lines && { lines })} />
    );
  return (
    <>
      {isError && (
        <Banner
          tone="warning"
          action={
            <Button size="sm" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          This is what it was; the newest could not be loaded.
        </Banner>
      )}
      {children(data)}
    </>
  );
}
