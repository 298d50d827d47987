import type { ReactNode } from 'react';

/** What a cell can be filtered by, and copied as. */
export interface CellValue {
  field: string;
  value: string | number;
  /** What is copied of it, where that is another text: an address that nobody is to follow. */
  copy?: string;
}

/** What is copied of a cell. */
export const copyOf = ({ value, copy }: CellValue): string => copy ?? String(value);

export interface GridColumn<T> {
  id: string;
  label: string;
  cell: (row: T) => ReactNode;
  /** In pixels; of one that grows, the least. */
  width: number;
  grow?: boolean;
  /** The greater, the sooner it leaves where there is no room. Those without one never leave and cannot be hidden. */
  leaves?: number;
  /** Not shown until it is chosen. */
  optional?: boolean;
  /** What the API calls the order by it. */
  sort?: string;
  align?: 'end';
  value?: (row: T) => CellValue | undefined;
}

/** Widths that somebody gave, by column. */
export type Widths = Readonly<Record<string, number>>;

const GAP = 12;
const EDGES = 2 * 16;
const BOX = 16;
export const LEAST = 40;
export const MOST = 800;

/** Those that were chosen, in their order; without a choice, all that are not optional. */
export function chosenOf<T>(all: readonly GridColumn<T>[], ids: readonly string[] | undefined): GridColumn<T>[] {
  if (!ids) return all.filter((one) => !one.optional);
  return all.filter((one) => one.leaves === undefined || ids.includes(one.id));
}

export const widthOf = <T>(column: GridColumn<T>, widths: Widths): number => widths[column.id] ?? column.width;

/** What of them has room; the first to leave is what leaves most easily. A room of 0 is not known yet. */
export function fitting<T>(
  columns: readonly GridColumn<T>[],
  widths: Widths,
  room: number,
  selects = true,
): GridColumn<T>[] {
  const kept = [...columns];
  const beside = selects ? EDGES + BOX : EDGES - GAP;
  const needed = () => kept.reduce((sum, one) => sum + widthOf(one, widths) + GAP, beside);
  while (room > 0 && needed() > room) {
    const first = kept.reduce((one, other) => ((other.leaves ?? 0) > (one.leaves ?? 0) ? other : one));
    if (!first.leaves) break;
    kept.splice(kept.indexOf(first), 1);
  }
  return kept;
}

/** As CSS has them in `grid-template-columns`, behind the box where rows are selected. */
export function templateOf<T>(columns: readonly GridColumn<T>[], widths: Widths, selects = true): string {
  const each = columns.map((one) =>
    one.grow && widths[one.id] === undefined ? `minmax(${one.width}px, 1fr)` : `${widthOf(one, widths)}px`,
  );
  // Where each has a width of its own, what is left is at the end.
  const rest = columns.some((one) => one.grow && widths[one.id] === undefined) ? [] : ['1fr'];
  return [...(selects ? [`${BOX}px`] : []), ...each, ...rest].join(' ');
}
