import type { CellValue, GridColumn } from '@/domain/grid/columns';
import type { Cursor } from '@/domain/grid/cursor';
import { copied } from '@/domain/grid/GridCell';
import type { Hotkeys } from '@/lib/hotkeys';
import type { Incident } from './queries';

interface Wanted {
  row: Incident | undefined;
  columns: readonly GridColumn<Incident>[];
  /** Which of them have room. */
  fits: readonly string[];
  cursor: Cursor;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** The keys that go from cell to cell and act on its value, as for alerts. Without a cell, the first key shows which it would be. */
export function useCellKeys({ row, columns, fits, cursor, onFilter }: Wanted): Hotkeys {
  const valued = columns.filter((one) => one.value && fits.includes(one.id));
  const at = valued.findIndex((one) => one.id === cursor.column);
  const cell = row && valued[at]?.value?.(row);
  const beside = (step: number) => cursor.toColumn(valued[Math.max(0, Math.min(valued.length - 1, at + step))]?.id);
  const onCell = (then: (value: CellValue) => void) => () => (cell ? then(cell) : beside(1));
  return {
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
    f: onCell((value) => onFilter(value, false)),
    F: onCell((value) => onFilter(value, true)),
    y: onCell((value) => copied(String(value.value))),
  };
}
