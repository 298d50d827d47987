import { ArrowDown, ArrowUp, Columns3, X } from 'lucide-react';
import { Button, IconButton } from '@/ui/Button';
import { Popover } from '@/ui/Popover';
import s from './ColumnMenu.module.css';
import { columnsOf, FIRST, saidOf } from './columns';

interface Props {
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}

/** What the table shows, in which order. Fields are added from their list, or from an event. */
export function ColumnMenu({ columns, onChange }: Props) {
  const shown = columnsOf(columns, '');
  const more = columnsOf(
    [...FIRST, 'alert_id', 'sensor_id'].filter((id) => !columns.includes(id)),
    '',
  );
  function move(at: number, step: number) {
    const after = [...columns];
    const [one] = after.splice(at, 1);
    if (one) after.splice(at + step, 0, one);
    onChange(after);
  }
  const named = (label: string) => label.replace(' ()', '');
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
          <ul className={s.columns} aria-label="In the table">
            {shown.map(({ id, label }, at) => (
              <li key={id} className={s.chosen}>
                <span className="u-cut">{named(label)}</span>
                <IconButton
                  size="sm"
                  label={`Move ${named(label)} to the left`}
                  disabled={at === 0}
                  onClick={() => move(at, -1)}
                >
                  <ArrowUp size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  size="sm"
                  label={`Move ${named(label)} to the right`}
                  disabled={at === shown.length - 1}
                  onClick={() => move(at, 1)}
                >
                  <ArrowDown size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  size="sm"
                  label={`Remove ${named(label)}`}
                  disabled={shown.length === 1}
                  onClick={() => onChange(columns.filter((one) => one !== id))}
                >
                  <X size={13} aria-hidden="true" />
                </IconButton>
              </li>
            ))}
          </ul>
          {more.length > 0 && (
            <div className={s.more}>
              {more.map(({ id, label }) => (
                <Button key={id} size="sm" onClick={() => onChange([...columns, id])}>
                  + {named(label)}
                </Button>
              ))}
            </div>
          )}
          <p className="u-subtle">
            Any field can be a column: add it in the list of fields. Where there is no room, some leave.
          </p>
          <div>
            <Button size="sm" disabled={saidOf(columns) === undefined} onClick={() => onChange(FIRST)}>
              Show the usual ones
            </Button>
          </div>
        </>
      )}
    </Popover>
  );
}
