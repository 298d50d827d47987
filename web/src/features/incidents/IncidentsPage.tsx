import { Suspense, useState } from 'react';
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
import s from './IncidentsPage.module.css';
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
  const beside = filters.on && !filters.narrow;
  return (
    <div className={s.page}>
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
      <Line search={search} error={incidents.error} onChange={change} />
      {incidents.degraded && (
        <div className={s.notice}>
          <Banner tone="warning">Answered without search, which takes longer: {incidents.degraded}.</Banner>
        </div>
      )}
      {incidents.error && incidents.hasData && (
        <div className={s.notice}>
          <Banner tone="warning" action={<Button onClick={incidents.retry}>Try again</Button>}>
            This is what it was; the newest could not be loaded.
          </Banner>
        </div>
      )}
      <div className={s.body} data-wide={beside ? undefined : ''}>
        {beside && <Filters search={search} onChange={change} />}
        <div className={s.list}>
          <List shown={shown} incidents={incidents} columns={columns} />
        </div>
      </div>
      <Foot total={incidents.total} asOf={incidents.asOf} board={board} may={may} />
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
    </div>
  );
}
