import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Page, Section, Stack } from '@/ui/Page';
import { State } from '@/ui/State';
import { Table } from '@/ui/Table';
import { Ask, type Asked } from './Ask';
import { columnsOf } from './columns';
import { countOf, freeOf } from './counted';
import { Facets } from './Facets';
import s from './Quarantine.module.css';
import { recordsQuery, summaryQuery } from './queries';
import { RecordDrawer } from './RecordDrawer';
import { Run, type Running } from './Run';
import type { QuarantineSearch } from './search';
import { selectionOf, these } from './selection';

const route = getRouteApi('/app/quarantine');

/** What could not be read, and what is done with it. */
export default function QuarantinePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(recordsQuery(search));
  const summary = useQuery(summaryQuery(search.status));
  const mayChange = useMay('quarantine:write');
  const zone = useZoneLabel();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Asked | null>(null);
  const [running, setRunning] = useState<Running | null>(null);
  const change = useCallback(
    (patch: QuarantineSearch) => void navigate({ search: (before) => ({ ...before, ...patch }) }),
    [navigate],
  );
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const groups = summary.data?.groups ?? [];
  const acts = mayChange && (search.status ?? 'open') === 'open';
  const free = freeOf(groups, search);
  const chosen = rows.filter((row) => selected.has(row.id)).map((row) => row.id);
  function ask(verb: Asked['verb']) {
    const ids = chosen.length > 0 ? chosen : undefined;
    const selection = ids ? these(ids) : selectionOf(search, new Date());
    setAsked({ verb, selection, count: ids?.length ?? free, shown: ids ?? rows.map((row) => row.id) });
  }
  function leaveRecord() {
    change({ open: undefined });
    void list.refetch();
  }
  const toggle = (id: string) => {
    const after = new Set(selected);
    if (!after.delete(id)) after.add(id);
    setSelected(after);
  };
  const none = chosen.length === 0 && free === 0 ? 'Nothing waits that nobody has asked anything of.' : undefined;
  const of = chosen.length > 0 ? `${chosen.length} selected` : `all ${formatCount(free)}`;
  return (
    <Page
      title="Quarantine"
      beside={
        <span className="u-muted" role="status">
          {summary.data && `${formatCount(countOf(groups, search))} records`}
        </span>
      }
      actions={
        acts && (
          <>
            <Button variant="danger" disabled={none !== undefined} title={none} onClick={() => ask('discard')}>
              Discard {of}…
            </Button>
            <Button variant="primary" disabled={none !== undefined} title={none} onClick={() => ask('redrive')}>
              Re-drive {of}…
            </Button>
          </>
        )
      }
    >
      <div className={s.body}>
        <Facets groups={groups} search={search} onChange={change} />
        <Stack>
          {summary.isError && (
            <Banner tone="warning">How many there are cannot be counted now. The list goes on without it.</Banner>
          )}
          {(running || groups.some((group) => group.requested !== null)) && (
            <Run running={running} groups={groups} onLeave={() => setRunning(null)} />
          )}
          <Section
            title={search.requested ? 'Asked for, and not done yet' : 'Records, the latest first'}
            actions={
              <Button size="sm" busy={list.isRefetching} onClick={() => void list.refetch()}>
                <RotateCw size={12} aria-hidden="true" />
                Refresh
              </Button>
            }
            flush
          >
            <Reply of={list}>
              {() => (
                <Table
                  label="Quarantined records"
                  columns={columnsOf({ zone, selected, acts, onToggle: toggle, onOpen: (id) => change({ open: id }) })}
                  rows={rows}
                  keyOf={(row) => row.id}
                  stale={list.isPlaceholderData}
                  empty={<Nothing search={search} onClear={() => void navigate({ search: {} })} />}
                  more={
                    list.hasNextPage
                      ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                      : undefined
                  }
                />
              )}
            </Reply>
          </Section>
        </Stack>
      </div>
      {asked && (
        <Ask
          asked={asked}
          onLeave={() => setAsked(null)}
          onDone={(run) => {
            setAsked(null);
            setSelected(new Set());
            setRunning(run);
          }}
        />
      )}
      {search.open && <RecordDrawer id={search.open} onLeave={leaveRecord} />}
    </Page>
  );
}

function Nothing({ search, onClear }: { search: QuarantineSearch; onClear: () => void }) {
  const narrowed = search.reason !== undefined || search.sensor !== undefined || search.requested !== undefined;
  if (narrowed)
    return (
      <State title="Nothing matches" action={<Button onClick={onClear}>Clear all filters</Button>}>
        No record has this state, reason and sensor.
      </State>
    );
  if (search.status)
    return (
      <State title="None yet">No record was {search.status === 'redriven' ? 're-driven' : 'discarded'} so far.</State>
    );
  return <State title="Nothing in quarantine">Every record that came could be read.</State>;
}
