import type { Hotkeys } from '@/lib/hotkeys';
import { type CellValue, copyOf, type GridColumn } from './columns';
import type { Cursor } from './cursor';
import { copied } from './GridCell';

interface Wanted<T> {
  row: T | undefined;
  columns: readonly GridColumn<T>[];
  /** Which of them have room. */
  shown: readonly string[];
  cursor: Cursor;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** The keys that go from cell to cell and act on its value. Without a cell, the first key shows which it would be. */
export function useCellKeys<T>({ row, columns, shown, cursor, onFilter }: Wanted<T>): Hotkeys {
  const valued = columns.filter((one) => one.value && shown.includes(one.id));
  const at = valued.findIndex((one) => one.id === cursor.column);
  const cell = row && valued[at]?.value?.(row);
  const beside = (step: number) => cursor.toColumn(valued[Math.max(0, Math.min(valued.length - 1, at + step))]?.id);
  const onCell = (label: string, then: (value: CellValue) => void) => ({
    label,
    run: () => (cell ? then(cell) : beside(1)),
  });
  return {
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
    f: onCell('Filter for the cell; → and ← choose it', (value) => onFilter(value, false)),
    F: onCell('Filter the cell out', (value) => onFilter(value, true)),
    y: onCell('Copy the cell', (value) => copied(copyOf(value))),
  };
}
