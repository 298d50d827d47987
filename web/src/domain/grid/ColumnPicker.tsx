import { Columns3 } from 'lucide-react';
import { Button, IconButton } from '@/ui/Button';
import { Checkbox } from '@/ui/Checkbox';
import { Popover } from '@/ui/Popover';
import s from './ColumnPicker.module.css';
import { chosenOf, type GridColumn } from './columns';

interface Props<T> {
  columns: readonly GridColumn<T>[];
  /** The ids of those that were chosen; undefined where nobody has. */
  chosen: readonly string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}

/** Which columns a grid shows. Those that never leave are not asked about. */
export function ColumnPicker<T>({ columns, chosen, onChange }: Props<T>) {
  const shown = chosenOf(columns, chosen).map((one) => one.id);
  const turn = (id: string) => onChange(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]);
  return (
    <Popover
      title="Columns"
      trigger={
        <IconButton label="Columns">
          <Columns3 size={14} aria-hidden="true" />
        </IconButton>
      }
    >
      {() => (
        <>
          <ul className={s.list}>
            {columns
              .filter((one) => one.leaves !== undefined)
              .map((one) => (
                <li key={one.id}>
                  <label className={s.choice}>
                    <Checkbox checked={shown.includes(one.id)} onChange={() => turn(one.id)} />
                    {one.label}
                  </label>
                </li>
              ))}
          </ul>
          <p className="u-subtle">Where there is no room, some of them leave.</p>
          <div>
            <Button size="sm" disabled={!chosen} onClick={() => onChange(undefined)}>
              Show the usual ones
            </Button>
          </div>
        </>
      )}
    </Popover>
  );
}
