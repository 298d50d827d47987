import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Link2, RotateCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Page, Section } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { ChainDialog } from './audit/ChainDialog';
import { Entries } from './audit/Entries';
import { EntryDialog } from './audit/EntryDialog';
import { ExportLink } from './audit/ExportLink';
import { Filters } from './audit/Filters';
import { auditQuery } from './audit/queries';
import type { AuditSearch } from './search';

const route = getRouteApi('/app/admin/audit');

/** Who did what to what, and the proof that nobody wrote it anew. */
export default function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const list = useInfiniteQuery(auditQuery(search));
  const [checking, setChecking] = useState(false);
  const entries = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const actions = useMemo(() => [...new Set(entries.map((one) => one.action))].sort(), [entries]);
  const open = entries.find((one) => one.id === search.open);
  const change = (patch: Partial<AuditSearch>) => void navigate({ search: (before) => ({ ...before, ...patch }) });
  return (
    <Page
      title="Audit"
      actions={
        <>
          <Button
            busy={list.isRefetching}
            onClick={() => void client.resetQueries({ queryKey: auditQuery(search).queryKey, exact: true })}
          >
            <RotateCw size={13} aria-hidden="true" />
            Refresh
          </Button>
          <ExportLink />
          <Button onClick={() => setChecking(true)}>
            <Link2 size={14} aria-hidden="true" />
            Check the chain…
          </Button>
        </>
      }
    >
      <Filters search={search} actions={actions} onChange={change} />
      {list.isError && list.data && (
        <Banner tone="warning">This is what it was; the newest could not be loaded.</Banner>
      )}
      {search.open && list.isSuccess && !open && (
        <Banner>The entry in the address is not among those shown. Clear the filters, or show more.</Banner>
      )}
      {list.isError && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <Skeleton />
      ) : (
        <Section title="Entries, the latest first" flush>
          <Entries
            entries={entries}
            stale={list.isPlaceholderData}
            empty={<State title="Nothing matches">No entry of your organizations is found by these filters.</State>}
            more={
              list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined
            }
            onOpen={(id) => change({ open: id })}
          />
        </Section>
      )}
      {open && (
        <EntryDialog
          entry={open}
          onObject={(object) => void navigate({ search: { object } })}
          onLeave={() => change({ open: undefined })}
        />
      )}
      {checking && <ChainDialog onLeave={() => setChecking(false)} />}
    </Page>
  );
}
