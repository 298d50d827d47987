import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useCallback, useEffect, useId, useMemo, useRef } from 'react';
import { useLook } from '@/lib/look';
import { useStable } from '@/lib/stable';
import { useWidth } from '@/lib/width';
import { type CellValue, fitting, type GridColumn, templateOf } from './columns';
import type { Cursor } from './cursor';
import s from './DataGrid.module.css';
import { GridHead } from './GridHead';
import { GridRow } from './GridRow';
import type { Selection } from './selection';
import { useWidths } from './widths';

/** As many rows before the end as more are fetched ahead. */
const AHEAD = 40;
const HEAD = 34;
const ROW = { compact: 28, default: 34, comfortable: 40 };
/** Under this width rows are cards, where the list has some. */
const NARROW = 560;
const CARD = 60;

export interface Identified {
  id: string;
}

export interface GridProps<T extends Identified> {
  /** What is listed, such as "Alerts". */
  label: string;
  /** By what name widths are kept. */
  name: string;
  /** Those that were chosen, in their order; `chosenOf` says which. The same array between renderings. */
  columns: readonly GridColumn<T>[];
  rows: readonly T[];
  /** What a row is called. */
  nameOf: (row: T) => string;
  /** What the rows answer: another begins at the top. */
  of?: string | undefined;
  /** How many there are on the server, where that is known. */
  total: number | null;
  cursor: Cursor;
  selection?: Selection | undefined;
  /** In the API's words, with - in front for the greatest first. */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  onOpen: (index: number) => void;
  /** Filter for a cell's value, or leave out what has it. */
  onFilter?: ((cell: CellValue, out: boolean) => void) | undefined;
  /** There is more behind the last row. */
  more?: (() => void) | undefined;
  /** Old rows, while others are on their way. */
  stale?: boolean;
  /** Something lies over the last rows, that many pixels high. */
  covered?: number;
  /** Which rows are on screen. */
  onView?: (first: number, last: number) => void;
  /** Which columns have room. */
  onColumns?: (ids: readonly string[]) => void;
  /** Muted or strong, or of another tone: as `data-tone` of the row. */
  toneOf?: (row: T) => string | undefined;
  /** A row as a card, where there is no room for columns. */
  card?: (row: T) => ReactNode;
}

/** The rows on screen of all that were fetched, by columns. It hears no keys: those of the page are heard by the page. */
export function DataGrid<T extends Identified>(props: GridProps<T>) {
  const { label, name, rows, total, cursor, selection, more, covered = 0, onView } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [widths, setWidth] = useWidths(name);
  const room = useWidth(scroller);
  const asCards = props.card !== undefined && room > 0 && room < NARROW;
  const selects = selection !== undefined;
  const shown = useMemo(() => fitting(props.columns, widths, room, selects), [props.columns, widths, room, selects]);
  const { density } = useLook();
  const height = asCards ? CARD : ROW[density];
  const head = asCards ? 0 : HEAD;
  // Another function would have every row of all that were fetched measured again, at each key.
  const keyAt = useCallback((index: number) => rows[index]?.id ?? index, [rows]);
  const grid = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: keyAt,
    overscan: 8,
    scrollMargin: head,
    scrollPaddingStart: head,
    scrollPaddingEnd: covered,
    paddingEnd: covered,
  });
  // Another density: what was measured before holds no more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what it is about
  useEffect(() => grid.measure(), [grid, height]);
  const items = grid.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && rows.length > 0 && last + AHEAD >= rows.length) more();
  }, [more, last, rows.length]);
  const moved = useRef(false);
  useEffect(() => {
    // What somebody scrolled to stays until they move on.
    if (moved.current || cursor.index > 0) grid.scrollToIndex(cursor.index);
    moved.current = true;
  }, [grid, cursor.index]);
  const shownOf = useRef(props.of);
  useEffect(() => {
    if (shownOf.current !== props.of) grid.scrollToOffset(0);
    shownOf.current = props.of;
  }, [grid, props.of]);
  const tellColumns = useStable((ids: readonly string[]) => props.onColumns?.(ids));
  useEffect(() => tellColumns(shown.map((one) => one.id)), [tellColumns, shown]);
  useView(onView, grid.range, head, scroller, height, rows.length);
  const toggle = useRanges(props);
  const act = {
    open: useStable(props.onOpen),
    focus: cursor.to,
    toggle,
    filter: useStable((cell: CellValue, out: boolean) => props.onFilter?.(cell, out)),
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: all of them are stable
  const stable = useMemo(() => act, []);
  return (
    <div
      ref={scroller}
      className={s.grid}
      role="grid"
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      aria-colcount={shown.length + (selects ? 1 : 0)}
      aria-multiselectable={selects || undefined}
      aria-activedescendant={cursor.id === undefined ? undefined : `${id}-${cursor.id}`}
      aria-busy={props.stale || undefined}
      data-stale={props.stale ? '' : undefined}
      data-cards={asCards ? '' : undefined}
      data-selects={selects ? '' : undefined}
      tabIndex={0}
      style={{ '--row-template': templateOf(shown, widths, selects), '--row-size': `${height}px` } as CSSProperties}
    >
      {!asCards && <GridHead {...props} columns={shown} widths={widths} onWidth={setWidth} />}
      <div className={s.canvas} role="rowgroup" style={{ height: grid.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row !== undefined && (
              <GridRow
                key={item.key}
                id={`${id}-${item.key}`}
                row={row}
                rowKey={String(item.key)}
                name={props.nameOf(row)}
                index={item.index}
                top={item.start - head}
                columns={shown}
                focused={item.index === cursor.index}
                column={item.index === cursor.index ? cursor.column : undefined}
                selected={selection && (selection.allSince !== undefined || selection.ids.has(String(item.key)))}
                tone={props.toneOf?.(row)}
                card={asCards ? props.card : undefined}
                filters={props.onFilter !== undefined}
                act={stable}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** A box turns its row; with shift, all from the one that was turned before. */
function useRanges<T extends Identified>({ rows, selection, cursor }: GridProps<T>) {
  const before = useRef<string | undefined>(undefined);
  return useStable((index: number, range: boolean) => {
    const row = rows[index];
    if (row === undefined || !selection) return;
    const here = row.id;
    const from = range ? rows.findIndex((one) => one.id === before.current) : -1;
    if (from < 0) selection.toggle(here);
    else {
      const some = rows.slice(Math.min(from, index), Math.max(from, index) + 1);
      selection.put(
        some.map((one) => one.id),
        !selection.ids.has(here),
      );
    }
    before.current = here;
    cursor.to(index);
  });
}

function useView(
  onView: GridProps<Identified>['onView'],
  range: { startIndex: number; endIndex: number } | null,
  head: number,
  scroller: React.RefObject<HTMLDivElement | null>,
  height: number,
  count: number,
): void {
  const tell = useStable((first: number, last: number) => onView?.(first, last));
  const top = scroller.current?.scrollTop ?? 0;
  const seen = (scroller.current?.clientHeight ?? 0) - head;
  const first = count === 0 ? -1 : Math.min(count - 1, Math.ceil((top - height / 2) / height));
  const last = Math.min(count - 1, Math.floor((top + seen - height / 2) / height));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new range says that there was scrolling
  useEffect(() => tell(first, last), [tell, first, last, range]);
}
