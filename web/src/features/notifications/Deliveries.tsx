import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, RotateCw } from 'lucide-react';
import { useMemo } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { useMay } from '@/domain/session';
import { words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Row, Section } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import s from './Deliveries.module.css';
import { DeliveryTable } from './DeliveryTable';
import { KINDS, type Kind, STATUSES, type Status } from './kinds';
import { channelsQuery, toldQuery } from './queries';
import type { NotificationsSearch } from './search';
import { useSettling } from './useSettling';

interface Props {
  search: NotificationsSearch;
  onChange: (patch: Partial<NotificationsSearch>) => void;
}

/** What was told to whom, and what became of it. */
export function Deliveries({ search, onChange }: Props) {
  const client = useQueryClient();
  const list = useInfiniteQuery(toldQuery(search));
  const writes = useMay('notifications:write');
  const channels = useQuery({ ...channelsQuery, enabled: writes });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const narrowed = search.status !== undefined || search.kind !== undefined;
  const fresh = useSettling(rows, narrowed);
  const refresh = () => void client.resetQueries({ queryKey: toldQuery(search).queryKey, exact: true });
  return (
    <>
      <search className={s.filters}>
        <Select
          label="State"
          value={search.status ?? ''}
          options={[['', 'Any'], ...STATUSES.map((one) => [one, words(one)] as const)]}
          onChange={(event) => onChange({ status: (event.target.value || undefined) as Status | undefined })}
        />
        <Select
          label="What is told"
          value={search.kind ?? ''}
          options={[['', 'Anything'], ...KINDS]}
          onChange={(event) => onChange({ kind: (event.target.value || undefined) as Kind | undefined })}
        />
        <Button onClick={refresh} busy={list.isRefetching}>
          {fresh > 0 ? <ArrowUp size={13} aria-hidden="true" /> : <RotateCw size={13} aria-hidden="true" />}
          {fresh > 0 ? `${fresh} new` : 'Refresh'}
        </Button>
      </search>
      {list.isError && list.data && (
        <Banner tone="warning">This is what it was; the newest could not be loaded.</Banner>
      )}
      {list.isError && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <Skeleton />
      ) : (
        <Section title={writes ? 'Deliveries, the latest first' : 'What I was told, the latest first'} flush>
          <DeliveryTable
            rows={rows}
            channels={channels.data ?? []}
            stale={list.isPlaceholderData}
            empty={
              narrowed ? (
                <State
                  title="Nothing matches"
                  action={
                    <Row>
                      <Button onClick={() => onChange({ status: undefined, kind: undefined })}>Clear filters</Button>
                    </Row>
                  }
                />
              ) : (
                <State title="Nothing was told yet">
                  What happens and has a route, or is about you, is told here too.
                </State>
              )
            }
            more={
              list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined
            }
          />
        </Section>
      )}
    </>
  );
}
