import { CircleMinus, CirclePlus, Copy } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { IconButton } from '@/ui/Button';
import { copy } from '@/ui/copy';
import { say } from '@/ui/toast';
import { type CellValue, copyOf, type GridColumn } from './columns';
import s from './DataGrid.module.css';

/** A value may be longer than anybody reads. */
const MOST_SAID = 200;

interface Props<T> {
  column: GridColumn<T>;
  row: T;
  /** Keys act on it. */
  at: boolean;
  filter: ((cell: CellValue, out: boolean) => void) | undefined;
}

/** A value; under the pointer, or where keys act, with what can be done by it. */
export function GridCell<T>({ column, row, at, filter }: Props<T>) {
  const [over, setOver] = useState(false);
  const value = filter && column.value?.(row);
  const shown = value !== undefined && (over || at);
  return (
    <div
      role="gridcell"
      className={s.cell}
      data-align={column.align}
      data-at={at ? '' : undefined}
      onPointerEnter={value && (() => setOver(true))}
      onPointerLeave={value && (() => setOver(false))}
    >
      <div className={s.value}>{column.cell(row)}</div>
      {shown && filter && <Actions value={value} filter={filter} />}
    </div>
  );
}

function Actions({ value, filter }: { value: CellValue; filter: (cell: CellValue, out: boolean) => void }) {
  const text = String(value.value);
  const stopped = (act: () => void) => (event: MouseEvent) => {
    event.stopPropagation();
    act();
  };
  return (
    <span className={s.actions}>
      <IconButton size="sm" tabIndex={-1} label={`Filter for ${text}`} onClick={stopped(() => filter(value, false))}>
        <CirclePlus size={13} aria-hidden="true" />
      </IconButton>
      <IconButton size="sm" tabIndex={-1} label={`Filter out ${text}`} onClick={stopped(() => filter(value, true))}>
        <CircleMinus size={13} aria-hidden="true" />
      </IconButton>
      <IconButton size="sm" tabIndex={-1} label={`Copy ${text}`} onClick={stopped(() => copied(copyOf(value)))}>
        <Copy size={12} aria-hidden="true" />
      </IconButton>
    </span>
  );
}

/** Copies a text and says so. */
export function copied(text: string): void {
  void copy(text).then((done) => done && say({ title: `Copied: ${text.slice(0, MOST_SAID)}` }));
}
