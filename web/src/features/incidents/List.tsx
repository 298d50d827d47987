import type { GridColumn } from '@/domain/grid/columns';
import { Skeleton } from '@/ui/Skeleton';
import { Board } from './Board';
import { Failed, Nothing } from './Nothing';
import type { Incident } from './queries';
import { isPlain } from './search';
import { Table } from './Table';
import type { useIncidents } from './useIncidents';
import type { Shown } from './useShown';

interface Props {
  shown: Shown;
  incidents: ReturnType<typeof useIncidents>;
  columns: readonly GridColumn<Incident>[];
}

/** The incidents, or why they are not there. */
export function List({ shown, incidents, columns }: Props) {
  const { search, to, change, open, filter } = shown;
  const { layout } = search;
  if (incidents.error && !incidents.hasData) return <Failed error={incidents.error} onRetry={incidents.retry} />;
  if (incidents.isPending) return <Skeleton lines={12} />;
  if (incidents.isEmpty)
    return (
      <Nothing
        plain={isPlain(search)}
        onClear={() => to({ layout })}
        onAll={() => to({ layout, chosen: {}, view: 'everything' })}
      />
    );
  if (layout === 'board') return <Board search={search} onOpen={open} />;
  return (
    <Table search={search} columns={columns} onOpen={open} onSort={(sort) => change({ sort })} onFilter={filter} />
  );
}
