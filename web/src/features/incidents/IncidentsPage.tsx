import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { toggled } from '@/domain/list/search';
import { useFirstView } from '@/domain/list/useFirstView';
import type { ViewContent } from '@/domain/list/views';
import { useMay, useSession } from '@/domain/session';
import { useZoneLabel } from '@/domain/Time';
import { useHotkeys } from '@/lib/hotkeys';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Skeleton } from '@/ui/Skeleton';
import { Board } from './Board';
import { columnsIn } from './columns';
import { Filters } from './Filters';
import { Foot } from './Foot';
import { Head } from './Head';
import s from './IncidentsPage.module.css';
import { Line } from './Line';
import { NewIncident } from './NewIncident';
import { Failed, Nothing } from './Nothing';
import type { Incident } from './queries';
import { chosenIn, type IncidentSearch, isPlain } from './search';
import { Table } from './Table';
import { useFilters } from './useFilters';
import { useIncidents } from './useIncidents';
import { searchOfView, VIEWS } from './views';

const route = getRouteApi('/app/incidents');

/** What people work on, as a table or as a board of the same list. */
export default function IncidentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('incidents:write');
  const columns = useColumns();
  const incidents = useIncidents(search);
  const filters = useFilters(search.layout === 'board');
  const [making, setMaking] = useState(false);
  const to = useCallback((next: IncidentSearch) => void navigate({ search: next }), [navigate]);
  const openView = useCallback(
    (key: string, content: ViewContent) => to({ ...searchOfView(key, content), layout: search.layout }),
    [to, search.layout],
  );
  const { layout: _, ...listed } = search;
  useFirstView({
    kind: 'incident',
    builtIn: VIEWS,
    said: Object.values(listed).some((one) => one !== undefined),
    onOpen: openView,
  });
  const change = (patch: Partial<IncidentSearch>) => to({ ...search, ...patch });
  const open = useCallback(
    (row: Incident) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: row.id } }),
    [navigate],
  );
  const filter = ({ field, value }: CellValue, out: boolean) =>
    change({ chosen: toggled(chosenIn(search), out ? `-${field}` : field, value) });
  useHotkeys({
    n: may ? { label: 'New incident', run: () => setMaking(true) } : undefined,
    b: {
      label: 'Table or board',
      run: () => change({ layout: search.layout === 'board' ? undefined : 'board' }),
    },
    '.': incidents.news ? () => void incidents.renew() : undefined,
  });
  const { layout } = search;
  return (
    <div className={s.page}>
      <Head
        search={search}
        columns={columns}
        news={incidents.news}
        filters={filters.on}
        onNews={() => void incidents.renew()}
        onFilters={filters.turn}
        onNew={() => setMaking(true)}
        onView={openView}
        onSearch={to}
      />
      <Line search={search} error={incidents.error} onChange={change} />
      {incidents.degraded && (
        <Banner tone="warning">Answered without search, which takes longer: {incidents.degraded}.</Banner>
      )}
      <div className={s.body} data-wide={filters.on && !filters.narrow ? undefined : ''}>
        {filters.on && !filters.narrow && <Filters search={search} onChange={change} />}
        <div className={s.list}>
          {incidents.error && !incidents.hasData ? (
            <Failed error={incidents.error} onRetry={incidents.retry} />
          ) : incidents.isPending ? (
            <Skeleton lines={12} />
          ) : incidents.isEmpty ? (
            <Nothing
              plain={isPlain(search)}
              onClear={() => to({ layout })}
              onAll={() => to({ layout, chosen: {}, view: 'everything' })}
            />
          ) : layout === 'board' ? (
            <Board search={search} onOpen={open} />
          ) : (
            <Table
              search={search}
              columns={columns}
              onOpen={open}
              onSort={(sort) => change({ sort })}
              onFilter={filter}
            />
          )}
        </div>
      </div>
      <Foot total={incidents.total} asOf={incidents.asOf} board={layout === 'board'} may={may} />
      {filters.on && filters.narrow && (
        <Dialog title="Filters" onLeave={filters.turn}>
          <Filters search={search} onChange={change} />
          <DialogActions>
            <Button variant="primary" onClick={filters.turn}>
              Done
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {making && <NewIncident onLeave={() => setMaking(false)} />}
    </div>
  );
}

/** Whose it is stands in a column of its own for who works for several. */
function useColumns() {
  const zone = useZoneLabel();
  const { memberships } = useSession();
  return useMemo(() => {
    const names = new Map(memberships.map((one) => [one.organization_id, one.organization]));
    return columnsIn(zone, names.size > 1 ? (id) => names.get(id) ?? '' : undefined);
  }, [zone, memberships]);
}
