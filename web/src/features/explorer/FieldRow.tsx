import { Link } from '@tanstack/react-router';
import { CircleMinus, CirclePlus, Columns3, Siren } from 'lucide-react';
import { PATHS } from '@/app/paths';
import type { CellValue } from '@/domain/grid/columns';
import { formatCount } from '@/lib/format';
import { oneOf } from '@/lib/query';
import { IconButton } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { columnOf } from './columns';
import s from './EventDrawer.module.css';
import { filterable, type Line, type Value } from './values';

/** Values of one field that are shown, each with its buttons. */
const MOST = 100;

interface Props {
  line: Line;
  /** Alerts can be asked for the same field. */
  pivot: boolean;
  columns: readonly string[];
  onColumn: (field: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** A field of the event: its name, and each of its values with its actions. */
export function FieldRow({ line, pivot, columns, onColumn, onFilter }: Props) {
  const { path, values, field } = line;
  const shown = field !== undefined && columns.includes(columnOf(field));
  return (
    <div className={s.row}>
      <dt className={s.name}>
        <span title={field && field !== path ? `${path}, asked for as ${field}` : path}>{path}</span>
        {field && (
          <span className={s.acts}>
            <IconButton
              size="sm"
              label={shown ? `Remove the column ${field}` : `Add ${field} as a column`}
              aria-pressed={shown}
              onClick={() => onColumn(columnOf(field))}
            >
              <Columns3 size={13} aria-hidden="true" />
            </IconButton>
          </span>
        )}
      </dt>
      <dd>
        {values.slice(0, MOST).map((value, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a document does not change, and a value may be there twice
          <div key={at} className={s.value}>
            <span className={s.text}>{String(value)}</span>
            <Acts value={value} field={field} pivot={pivot} onFilter={onFilter} />
          </div>
        ))}
        {values.length > MOST && (
          <p className="u-subtle">And {formatCount(values.length - MOST)} more, which the JSON has.</p>
        )}
      </dd>
    </div>
  );
}

interface ActsProps extends Pick<Props, 'pivot' | 'onFilter'> {
  value: Value;
  field: string | undefined;
}

function Acts({ value, field, pivot, onFilter }: ActsProps) {
  const text = String(value);
  const wanted = field === undefined ? undefined : filterable(value);
  return (
    <span className={s.acts}>
      {field !== undefined && wanted !== undefined && (
        <>
          <IconButton size="sm" label={`Filter for ${text}`} onClick={() => onFilter({ field, value: wanted }, false)}>
            <CirclePlus size={13} aria-hidden="true" />
          </IconButton>
          <IconButton size="sm" label={`Filter out ${text}`} onClick={() => onFilter({ field, value: wanted }, true)}>
            <CircleMinus size={13} aria-hidden="true" />
          </IconButton>
        </>
      )}
      <CopyButton text={text} label={`Copy ${text}`} />
      {pivot && field !== undefined && wanted !== undefined && (
        <Link
          to={PATHS.alerts}
          search={{ query: oneOf(field, [wanted]) }}
          className={s.pivot}
          title="Alerts with it"
          aria-label={`Alerts with ${text}`}
        >
          <Siren size={13} aria-hidden="true" />
        </Link>
      )}
    </span>
  );
}
