import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '@/ui/Button';
import { moved } from './form';
import s from './Rows.module.css';

interface Props<R extends { key: string }> {
  title: string;
  help: string;
  /** What one of them is called, as "task". */
  what: string;
  rows: R[];
  most: number;
  onChange: (rows: R[]) => void;
  onAdd: () => R;
  children: (row: R, at: number, change: (patch: Partial<R>) => void) => ReactNode;
}

/** A list whose rows are written, moved by keys, taken out and added to. */
export function Rows<R extends { key: string }>({
  title,
  help,
  what,
  rows,
  most,
  onChange,
  onAdd,
  children,
}: Props<R>) {
  const change = (at: number) => (patch: Partial<R>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...patch } : row)));
  return (
    <fieldset className={s.rows}>
      <legend className={s.title}>{title}</legend>
      <p className="u-subtle">{help}</p>
      {rows.length > 0 && (
        <ol className={s.list}>
          {rows.map((row, at) => (
            <li key={row.key} className={s.row}>
              <span className={s.number} aria-hidden="true">
                {at + 1}
              </span>
              <div className={s.fields}>{children(row, at, change(at))}</div>
              <div className={s.moves}>
                <IconButton
                  size="sm"
                  label={`Move ${what} ${at + 1} up`}
                  disabled={at === 0}
                  onClick={() => onChange(moved(rows, at, -1))}
                >
                  <ArrowUp size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  size="sm"
                  label={`Move ${what} ${at + 1} down`}
                  disabled={at === rows.length - 1}
                  onClick={() => onChange(moved(rows, at, 1))}
                >
                  <ArrowDown size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  size="sm"
                  label={`Take out ${what} ${at + 1}`}
                  onClick={() => onChange(rows.toSpliced(at, 1))}
                >
                  <Trash2 size={13} aria-hidden="true" />
                </IconButton>
              </div>
            </li>
          ))}
        </ol>
      )}
      <div>
        <Button size="sm" onClick={() => onChange([...rows, onAdd()])} disabled={rows.length >= most}>
          <Plus size={13} aria-hidden="true" />
          Add {what}
        </Button>
      </div>
    </fieldset>
  );
}
