import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type CellValue, chosenOf, type GridColumn } from '@/domain/grid/columns';
import { useCursor, useCursorKeys } from '@/domain/grid/cursor';
import { DataGrid } from '@/domain/grid/DataGrid';
import { useSelection } from '@/domain/grid/selection';
import { useCellKeys } from '@/domain/grid/useCellKeys';
import { useSession } from '@/domain/session';
import { useHotkeys } from '@/lib/hotkeys';
import { BulkBar } from './BulkBar';
import { cardOf } from './columns';
import type { Asked } from './Dialogs';
import { type Incident, incidentsQuery } from './queries';
import type { IncidentSearch } from './search';
import { useActions } from './useActions';

/** As high as what lies over the last rows while some are selected. */
const BAR = 60;
const NO_ROWS: readonly Incident[] = [];

interface Props {
  search: IncidentSearch;
  columns: readonly GridColumn<Incident>[];
  onOpen: (row: Incident) => void;
  onSort: (sort: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** The incidents as rows. */
export function Table({ search, columns, onOpen, onSort, onFilter }: Props) {
  const { user } = useSession();
  const list = useInfiniteQuery(incidentsQuery(search));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? NO_ROWS, [list.data]);
  const ids = useMemo(() => rows.map((row) => row.id), [rows]);
  const cursor = useCursor(ids);
  const selection = useSelection();
  const actions = useActions(selection.clear);
  const [fits, setFits] = useState<readonly string[]>([]);
  function leave() {
    if (cursor.column) cursor.toColumn(undefined);
    else selection.clear();
  }
  const shown = useMemo(() => chosenOf(columns, search.columns), [columns, search.columns]);
  const card = useMemo(() => cardOf(user.id), [user.id]);
  const current = rows[cursor.index];
  const selected = rows.filter((row) => selection.ids.has(row.id));
  const some = selected.length > 0 ? selected : current ? [current] : [];
  const act = (what: Asked['what'] | 'take') => (what === 'take' ? actions.take(some) : actions.ask(what, some));
  const open = () => current && onOpen(current);
  const cells = useCellKeys({ row: current, columns: shown, shown: fits, cursor, onFilter });
  const moving = useCursorKeys(cursor, ids, actions.may ? selection : undefined);
  useHotkeys({
    ...moving,
    o: { label: 'Open the incident', run: () => open() },
    Enter: open,
    ...keysOf(actions.may, act),
  });
  useHotkeys({ ...cells, Escape: leave });
  return (
    <>
      <DataGrid
        label="Incidents"
        name="incidents"
        columns={shown}
        rows={rows}
        nameOf={(row) => `#${row.number} ${row.title}`}
        total={list.data?.pages[0]?.total ?? null}
        cursor={cursor}
        selection={actions.may ? selection : undefined}
        sort={search.sort ?? '-severity'}
        onSort={onSort}
        onOpen={(index) => rows[index] && onOpen(rows[index])}
        onFilter={onFilter}
        onColumns={setFits}
        more={
          list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError
            ? () => void list.fetchNextPage()
            : undefined
        }
        stale={list.isPlaceholderData}
        covered={selected.length > 0 ? BAR : 0}
        card={card}
      />
      {selected.length > 0 && <BulkBar count={selected.length} onAct={act} onClear={selection.clear} />}
      {actions.dialogs}
    </>
  );
}

/** The keys of work, the same for rows and cards. */
export const keysOf = (may: boolean, act: (what: Asked['what'] | 'take') => void) =>
  may
    ? {
        a: { label: 'Assign', run: () => act('assign') },
        m: { label: 'Take: assign to me', run: () => act('take') },
        s: { label: 'Move to another status', run: () => act('move') },
        v: { label: 'Set severity', run: () => act('severity') },
        t: { label: 'Tag', run: () => act('tag') },
        c: { label: 'Close', run: () => act('close') },
      }
    : {};
