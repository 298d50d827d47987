import { Link } from '@tanstack/react-router';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { ErrorState } from '@/domain/ErrorState';
import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { DataGrid } from '@/domain/grid/DataGrid';
import { useMay } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { cardOf } from './columns';
import { NoEvents } from './NoEvents';
import type { Event } from './queries';
import type { ExplorerSearch } from './search';
import type { Explorer } from './useExplorer';

interface Props {
  search: ExplorerSearch;
  explorer: Explorer;
  columns: readonly GridColumn<Event>[];
  onOpen: (index: number) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
  onAsk: (patch: Partial<ExplorerSearch>) => void;
  onColumns: (ids: readonly string[]) => void;
  onView: (first: number, last: number) => void;
}

/** The events, or why there are none. */
export function EventList({ search, explorer, columns, onOpen, onFilter, onAsk, onColumns, onView }: Props) {
  const { list, events, total, cursor } = explorer;
  if (list.isPending) return <Skeleton lines={14} />;
  if (list.isError && events.length === 0) return <Failed error={list.error} onRetry={() => void list.refetch()} />;
  if (events.length === 0) return <NoEvents search={search} onAsk={onAsk} />;
  return (
    <DataGrid
      label="Events"
      name="events"
      columns={columns}
      rows={events}
      nameOf={(event) => event.title ?? event.dataset ?? event.id}
      total={total}
      cursor={cursor}
      onOpen={onOpen}
      onFilter={onFilter}
      more={
        list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError
          ? () => void list.fetchNextPage()
          : undefined
      }
      stale={list.isPlaceholderData}
      onColumns={onColumns}
      onView={onView}
      card={cardOf}
    />
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (isAway(error)) return <Away onRetry={onRetry} />;
  if (asApiError(error).status !== 422) return <ErrorState error={error} onRetry={onRetry} />;
  return <State title="This query is not understood">What is wrong with it is marked above, where it stands.</State>;
}

/** Whether nothing can be searched now, whatever is asked for. */
export const isAway = (error: unknown): boolean => asApiError(error).code === 'search_unavailable';

function Away({ onRetry }: { onRetry: () => void }) {
  const status = useMay('system:read');
  return (
    <State
      urgent
      title="Events cannot be searched now"
      action={
        <Row>
          <Button onClick={onRetry}>Try again</Button>
          <Link to={PATHS.alerts} search={{}} className="u-link">
            Alerts
          </Link>
          {status && (
            <Link to={PATHS.status} className="u-link">
              Status
            </Link>
          )}
        </Row>
      }
    >
      OpenSearch, which finds them, is away. Nothing is lost: what comes in is stored, and found when it is back, which
      is looked at every 15 seconds. Meanwhile alerts and incidents are listed, more slowly, with their events, and a
      link to one event still opens it.
    </State>
  );
}
