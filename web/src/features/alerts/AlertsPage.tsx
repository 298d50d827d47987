import { getRouteApi } from '@tanstack/react-router';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { PATHS } from '@/app/paths';
import { type CellValue, chosenOf } from '@/domain/grid/columns';
import { type RowsShown, useRowsShown } from '@/domain/list/ListFoot';
import { Band, ListPage, Notice } from '@/domain/list/ListPage';
import type { Range } from '@/domain/list/range';
import { toggled } from '@/domain/list/search';
import { useFirstView } from '@/domain/list/useFirstView';
import type { ViewContent } from '@/domain/list/views';
import { useZoneLabel } from '@/domain/Time';
import { useAhead } from '@/lib/idle';
import { later } from '@/lib/later';
import { useStable } from '@/lib/stable';
import { Banner } from '@/ui/Banner';
import { columnsIn } from './columns';
import { Foot } from './Foot';
import { Head } from './Head';
import { OPEN_FIRST, QueueFacets } from './QueueFacets';
import { QueueLine } from './QueueLine';
import { QueueList } from './QueueList';
import { Summary } from './Summary';
import { type AlertSearch, chosenIn } from './search';
import { useActions } from './useActions';
import { useQueue } from './useQueue';
import { useQueueKeys } from './useQueueKeys';
import { Volume } from './Volume';
import { searchOfView, VIEWS } from './views';

const route = getRouteApi('/app/alerts');
const NOWHERE: RowsShown = [-1, -1];

const loadPreview = () => import('./Preview');
const Preview = later(loadPreview, 'Preview');

/** The queue: how much, how bad, what next. */
export default function AlertsPage() {
  useAhead(loadPreview);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { change, ask, openView, preview } = useSearchChanges();
  const queue = useQueue(search, preview);
  const actions = useActions(queue, search);
  useFirstView({
    kind: 'alert',
    builtIn: VIEWS,
    said: Object.values(search).some((one) => one !== undefined),
    onOpen: openView,
  });
  const { list, cursor, alerts } = queue;
  const [facets, setFacets] = useState(OPEN_FIRST);
  const [rows, setRows] = useRowsShown();
  const [shown, setShown] = useState<readonly string[]>([]);
  const zone = useZoneLabel();
  const all = useMemo(() => columnsIn(zone), [zone]);
  const columns = useMemo(() => chosenOf(all, search.columns), [all, search.columns]);
  const toggle = useStable((field: string, value: string | number) =>
    ask({ chosen: toggled(chosenIn(search), field, value) }),
  );
  const filter = useStable(({ field, value }: CellValue, out: boolean) => toggle(out ? `-${field}` : field, value));
  const toggleSeverity = useStable((severity: number) => toggle('severity', severity));
  const showColumns = useStable((to: string[] | undefined) => change({ columns: to }));
  const chooseRange = useStable((range: Range) => ask({ last: undefined, from: undefined, to: undefined, ...range }));
  const filters = useMemo(
    () => ({ search, open: facets, onOpen: setFacets, onToggle: toggle }),
    [search, facets, toggle],
  );
  useQueueKeys({
    queue,
    actions,
    columns,
    shown,
    previewing: search.open !== undefined,
    onFilter: filter,
    onPreview: preview,
    onPage: (alertId) => void navigate({ to: PATHS.alert, params: { alertId } }),
  });
  return (
    <ListPage
      head={
        <Head
          search={search}
          fresh={queue.fresh}
          selection={queue.selection}
          columns={all}
          onNew={queue.showNew}
          onView={openView}
          onColumns={showColumns}
        />
      }
      over={
        <>
          <QueueLine search={search} error={list.error} onAsk={ask} filters={filters} />
          {queue.degraded && (
            <Notice>
              <Banner tone="warning">Answered without search, which takes longer: {queue.degraded}.</Banner>
            </Notice>
          )}
          <Band>
            <Summary search={search} total={queue.total} asOf={queue.asOf} onSeverity={toggleSeverity} />
            <Volume search={search} onRange={chooseRange} />
          </Band>
        </>
      }
      aside={<QueueFacets {...filters} />}
      preview={
        search.open && (
          <Suspense>
            <Preview
              id={search.open}
              row={alerts.find((one) => one.id === search.open)}
              actions={actions}
              onLeave={() => preview(undefined)}
            />
          </Suspense>
        )
      }
      foot={
        <Foot
          rows={alerts.length > 0 ? rows : NOWHERE}
          total={queue.total}
          sort={search.sort ?? '-risk'}
          loading={list.isFetchingNextPage}
          onRetry={list.isFetchNextPageError ? () => void list.fetchNextPage() : undefined}
        />
      }
    >
      <QueueList
        search={search}
        queue={queue}
        actions={actions}
        columns={columns}
        onOpen={(index) => {
          cursor.to(index);
          preview(alerts[index]?.id);
        }}
        onSort={(sort) => change({ sort })}
        onFilter={filter}
        onView={setRows}
        onColumns={setShown}
        onEverything={() => ask({ chosen: {} })}
      />
      {actions.dialogs}
    </ListPage>
  );
}

/** What changes the URL. */
function useSearchChanges() {
  const navigate = route.useNavigate();
  const change = useCallback(
    (patch: Partial<AlertSearch>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace }),
    [navigate],
  );
  // What was implied is said, so that it does not change by what is asked for now.
  const ask = useCallback(
    (patch: Partial<AlertSearch>) =>
      void navigate({ search: (before) => ({ ...before, chosen: chosenIn(before), ...patch }) }),
    [navigate],
  );
  const openView = useCallback(
    (key: string, content: ViewContent) => void navigate({ search: searchOfView(key, content) }),
    [navigate],
  );
  // Going back leaves the list, not one preview after the other.
  const preview = useCallback((open: string | undefined) => change({ open }, true), [change]);
  return { change, ask, openView, preview };
}
