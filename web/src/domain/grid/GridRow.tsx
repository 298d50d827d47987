import { type MouseEvent, memo, type ReactNode } from 'react';
import { Checkbox } from '@/ui/Checkbox';
import type { CellValue, GridColumn } from './columns';
import s from './DataGrid.module.css';
import { GridCell } from './GridCell';

interface Props<T> {
  id: string;
  row: T;
  rowKey: string;
  name: string;
  index: number;
  top: number;
  columns: readonly GridColumn<T>[];
  focused: boolean;
  /** The column of it that keys act on. */
  column: string | undefined;
  /** Undefined where nothing can be selected. */
  selected: boolean | undefined;
  tone: string | undefined;
  card: ((row: T) => ReactNode) | undefined;
  filters: boolean;
  act: {
    open: (index: number) => void;
    toggle: (index: number, range: boolean) => void;
    filter: (cell: CellValue, out: boolean) => void;
  };
}

function Row<T>({ row, index, columns, selected, card, act, ...more }: Props<T>) {
  function turn(event: MouseEvent) {
    event.stopPropagation();
    act.toggle(index, event.shiftKey);
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the page
    <div
      id={more.id}
      className={s.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-focus={more.focused ? '' : undefined}
      data-tone={more.tone}
      style={{ transform: `translateY(${more.top}px)` }}
      onClick={() => act.open(index)}
    >
      {selected !== undefined && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the whole cell is the box's, x is its key
        <div role="gridcell" className={s.select} onClick={turn}>
          <Checkbox aria-label={`Select ${more.name}`} checked={selected} tabIndex={-1} readOnly />
        </div>
      )}
      {card ? (
        <div role="gridcell" className={s.card}>
          {card(row)}
        </div>
      ) : (
        columns.map((column) => (
          <GridCell
            key={column.id}
            column={column}
            row={row}
            at={more.column === column.id}
            filter={more.filters ? act.filter : undefined}
          />
        ))
      )}
    </div>
  );
}

/** Drawn again only when something about it has changed. */
export const GridRow = memo(Row) as typeof Row;
