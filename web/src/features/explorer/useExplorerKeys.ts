import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { useCursorKeys } from '@/domain/grid/cursor';
import { copied } from '@/domain/grid/GridCell';
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
  const valued = columns.filter((one) => one.value && shown.includes(one.id));
  const at = valued.findIndex((one) => one.id === cursor.column);
  const cell = current && valued[at]?.value?.(current);
  const beside = (step: number) => cursor.toColumn(valued[Math.max(0, Math.min(valued.length - 1, at + step))]?.id);
  // Without a cell, the first key shows which one it would be.
  const onCell = (label: string, then: (value: CellValue) => void) => ({
    label,
    run: () => (cell ? then(cell) : beside(1)),
  });
  function leave() {
    if (cursor.column) cursor.toColumn(undefined);
    else if (open) onOpen(undefined);
  }
  const show = () => cursor.id && onOpen(cursor.id);
  useHotkeys({
    ...useCursorKeys(cursor, ids),
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
    o: { label: 'Open the event', run: show },
    Enter: show,
    f: onCell('Filter for the cell', (value) => onFilter(value, false)),
    F: onCell('Filter out the cell', (value) => onFilter(value, true)),
    y: onCell('Copy the cell', (value) => copied(String(value.value))),
    '.': fresh > 0 ? { label: 'Show new events', run: explorer.showNew } : undefined,
    Escape: leave,
  });
}
