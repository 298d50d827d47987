import { Suspense, useState } from 'react';
import { ListPage, Notice } from '@/domain/list/ListPage';
import { useMay } from '@/domain/session';
import { useHotkeys } from '@/lib/hotkeys';
import { later } from '@/lib/later';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Coming } from '@/ui/Coming';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Filters } from './Filters';
import { Foot } from './Foot';
import { Head } from './Head';
import { Line } from './Line';
import { List } from './List';
import { useFilters } from './useFilters';
import { useIncidents } from './useIncidents';
import { useColumns, useShown } from './useShown';

const NewIncident = later(() => import('./NewIncident'), 'NewIncident');

/** What people work on, as a table or as a board of the same list. */
export default function IncidentsPage() {
  const shown = useShown();
  const { search, to, change } = shown;
  const board = search.layout === 'board';
  const may = useMay('incidents:write');
  const columns = useColumns();
  const incidents = useIncidents(search);
  const filters = useFilters(board);
  const [making, setMaking] = useState(false);
  const renew = () => void incidents.renew();
  useHotkeys({
    n: may ? { label: 'New incident', run: () => setMaking(true) } : undefined,
    b: { label: 'Table or board', run: shown.turn },
    '.': incidents.news ? renew : undefined,
  });
  return (
    <ListPage
      head={
        <Head
          search={search}
          columns={columns}
          news={incidents.news}
          lag={incidents.lag}
          filters={filters.on}
          onNews={renew}
          onFilters={filters.turn}
          onNew={() => setMaking(true)}
          onView={shown.openView}
          onSearch={to}
        />
      }
      over={
        <>
          <Line search={search} error={incidents.error} onChange={change} />
          {incidents.degraded && (
            <Notice>
              <Banner tone="warning">Answered without search, which takes longer: {incidents.degraded}.</Banner>
            </Notice>
          )}
          {incidents.error && incidents.hasData && !incidents.more && (
            <Notice>
              <Banner tone="warning" action={<Button onClick={incidents.retry}>Try again</Button>}>
                This is what it was; the newest could not be loaded.
              </Banner>
            </Notice>
          )}
        </>
      }
      aside={filters.on && !filters.narrow && <Filters search={search} onChange={change} />}
      foot={
        <Foot
          total={incidents.total}
          asOf={incidents.asOf}
          board={board}
          may={may}
          loading={incidents.loading}
          onRetry={incidents.more}
        />
      }
    >
      <List shown={shown} incidents={incidents} columns={columns} />
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
      <Suspense fallback={<Coming />}>{making && <NewIncident onLeave={() => setMaking(false)} />}</Suspense>
    </ListPage>
  );
}
