import { useNavigate } from '@tanstack/react-router';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { ErrorState } from '@/domain/ErrorState';
import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { DataGrid } from '@/domain/grid/DataGrid';
import { Button } from '@/ui/Button';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { BulkBar } from './BulkBar';
import { cardOf } from './columns';
import type { Alert } from './queries';
import { type AlertSearch, isQueue } from './search';
import type { Actions } from './useActions';
import type { Queue } from './useQueue';

/** How high the bar of what is selected lies over the last rows. */
const BAR = 64;

interface Props {
  search: AlertSearch;
  queue: Queue;
  actions: Actions;
  columns: readonly GridColumn<Alert>[];
  onOpen: (index: number) => void;
  onSort: (sort: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
  onView: (first: number, last: number) => void;
  onColumns: (ids: readonly string[]) => void;
  onEverything: () => void;
}

/** The rows, or why there are none. */
export function QueueList({ search, queue, actions, onEverything, ...grid }: Props) {
  const { list, alerts, total, selection, selecting } = queue;
  if (list.isError && asApiError(list.error).status === 422)
    return <State title="The query cannot be read">What is wrong with it, and where, is said below it.</State>;
  if (list.isError && alerts.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Skeleton lines={14} />;
  if (alerts.length === 0) return <Nothing search={search} onEverything={onEverything} />;
  return (
    <>
      <DataGrid
        {...grid}
        label="Alerts"
        name="alerts"
        of={queue.of}
        rows={alerts}
        nameOf={titleOf}
        toneOf={toneOf}
        card={cardOf}
        total={total}
        cursor={queue.cursor}
        selection={actions.mayWrite ? selection : undefined}
        sort={search.sort ?? '-risk'}
        stale={list.isPlaceholderData}
        covered={selecting ? BAR : 0}
        more={
          list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError
            ? () => void list.fetchNextPage()
            : undefined
        }
      />
      {selecting && (
        <BulkBar
          selection={selection}
          total={total}
          mayLink={actions.mayLink}
          busy={actions.busy}
          onAct={actions.act}
        />
      )}
    </>
  );
}

const titleOf = (alert: Alert) => alert.title;
const toneOf = ({ status }: Alert) => (status === 'closed' || status === 'suppressed' ? 'muted' : undefined);

function Nothing({ search, onEverything }: { search: AlertSearch; onEverything: () => void }) {
  const navigate = useNavigate();
  const back = <Button onClick={() => void navigate({ to: PATHS.alerts, search: {} })}>Go to the open alerts</Button>;
  if (isQueue(search))
    return (
      <State title="The queue is clear" action={<Button onClick={onEverything}>Look at everything</Button>}>
        No alert is open that is in no incident. What comes is shown here.
      </State>
    );
  return (
    <State title="Nothing matches" action={back}>
      No alert of your organizations has all that is asked for above. Take a filter away, or widen the range of time.
    </State>
  );
}
