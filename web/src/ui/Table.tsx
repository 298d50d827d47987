import type { ReactNode } from 'react';
import { Button } from './Button';
import s from './Table.module.css';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Figures stand to the right. */
  align?: 'end';
  /** Takes what room is left, and is cut where there is none. */
  grow?: boolean;
  /** Leaves first when there is no room. */
  minor?: boolean;
  /** Its cells speak for themselves: its name is only told to those who do not see them. */
  quiet?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** In the place of rows that are not there. */
  empty?: ReactNode;
  /** There is more behind the last row. */
  more?: { load: () => void; busy: boolean } | undefined;
  /** Old rows, while others are on their way. */
  stale?: boolean;
}

/** Rows of a list whose pages are fetched one by one. For thousands of rows there is the grid of the domain. */
export function Table<T>({ label, columns, rows, keyOf, empty, more, stale = false }: Props<T>) {
  if (rows.length === 0 && empty !== undefined) return <div className={s.empty}>{empty}</div>;
  return (
    // What is wider than its place is scrolled with the keyboard too.
    <section className={s.scroll} aria-label={label} tabIndex={0} data-stale={stale ? '' : undefined}>
      <table className={s.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" {...looks(column)}>
                {column.quiet ? <span className="u-visually-hidden">{column.name}</span> : column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} {...looks(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more && (
        <div className={s.more}>
          <Button size="sm" busy={more.busy} onClick={more.load}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

function looks({ align, grow, minor }: Column<never>) {
  return { 'data-align': align, 'data-grow': grow ? '' : undefined, 'data-minor': minor ? '' : undefined };
}
