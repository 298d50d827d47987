import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { Checkbox } from '@/ui/Checkbox';
import { type GridColumn, LEAST, MOST, type Widths, widthOf } from './columns';
import type { GridProps, Identified } from './DataGrid';
import s from './DataGrid.module.css';

const STEP = 16;

interface Props<T extends Identified> extends GridProps<T> {
  widths: Widths;
  onWidth: (id: string, width: number | undefined) => void;
}

/** Names of the columns; a click sorts by one, its edge makes it wider. */
export function GridHead<T extends Identified>({ columns, rows, selection, sort, onSort, widths, onWidth }: Props<T>) {
  const some = selection !== undefined && selection.ids.size > 0;
  const chosen = some ? rows.filter((row) => selection.ids.has(row.id)).length : 0;
  const every = selection?.allSince !== undefined || (rows.length > 0 && chosen === rows.length);
  return (
    <div className={s.head} role="row" aria-rowindex={1}>
      {selection && (
        <div role="columnheader">
          <Checkbox
            aria-label={every ? 'Select none' : `Select the ${rows.length} rows that are loaded`}
            checked={every}
            indeterminate={!every && some}
            onChange={() =>
              every
                ? selection.clear()
                : selection.put(
                    rows.map((row) => row.id),
                    true,
                  )
            }
          />
        </div>
      )}
      {columns.map((column) => (
        <HeadCell
          key={column.id}
          column={column}
          sort={sort}
          onSort={onSort}
          width={widthOf(column, widths)}
          onWidth={(width) => onWidth(column.id, width)}
        />
      ))}
    </div>
  );
}

interface CellProps<T> {
  column: GridColumn<T>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
  width: number;
  onWidth: (width: number | undefined) => void;
}

function HeadCell<T>({ column, sort, onSort, width, onWidth }: CellProps<T>) {
  const by = column.sort;
  const down = by !== undefined && sort === `-${by}`;
  const up = by !== undefined && sort === by;
  return (
    <div
      role="columnheader"
      className={s.name}
      data-align={column.align}
      aria-sort={down ? 'descending' : up ? 'ascending' : undefined}
    >
      {by !== undefined && onSort ? (
        <button type="button" className={s.sort} onClick={() => onSort(down ? by : `-${by}`)}>
          {column.label}
          {down && <ArrowDown size={11} aria-hidden="true" />}
          {up && <ArrowUp size={11} aria-hidden="true" />}
        </button>
      ) : (
        <span className="u-cut">{column.label}</span>
      )}
      <Edge label={column.label} width={width} onWidth={onWidth} />
    </div>
  );
}

/** Drags, or goes by arrow keys; a double click gives the column its own width back. */
function Edge({ label, width, onWidth }: { label: string; width: number; onWidth: CellProps<never>['onWidth'] }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (step !== undefined) onWidth(width + step);
    else if (event.key === 'Home') onWidth(undefined);
    else return;
    event.preventDefault();
  }
  function onPointerDown(event: PointerEvent<HTMLElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width: event.currentTarget.parentElement?.clientWidth ?? width };
  }
  return (
    <span
      className={s.edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => from.current && onWidth(from.current.width + event.clientX - from.current.x)}
      onPointerUp={() => {
        from.current = null;
      }}
      onDoubleClick={() => onWidth(undefined)}
    />
  );
}
