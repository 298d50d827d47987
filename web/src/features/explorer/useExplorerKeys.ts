import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { useCursorKeys } from '@/domain/grid/cursor';
import { useCellKeys } from '@/domain/grid/useCellKeys';
import { useHotkeys } from '@/lib/hotkeys';
import type { Event } from './queries';
import type { Explorer } from './useExplorer';

interface Wanted {
  explorer: Explorer;
  columns: readonly GridColumn<Event>[];
  /** Which of them have room. */
  shown: readonly string[];
  open: boolean;
  onFilter: (cell: CellValue, out: boolean) => void;
  onOpen: (id: string | undefined) => void;
}

/** The keys of the explorer; each does what a control does. */
export function useExplorerKeys({ explorer, columns, shown, open, onFilter, onOpen }: Wanted): void {
  const { cursor, current, fresh, ids } = explorer;
  const cells = useCellKeys({ row: current, columns, shown, cursor, onFilter });
  function leave() {
    if (cursor.column) cursor.toColumn(undefined);
    else if (open) onOpen(undefined);
  }
  const show = () => cursor.id && onOpen(cursor.id);
  useHotkeys({
    ...useCursorKeys(cursor, ids),
    ...cells,
    o: { label: 'Open the event', run: show },
    Enter: show,
    '.': fresh > 0 ? { label: 'Show new events', run: explorer.showNew } : undefined,
    Escape: leave,
  });
}
