import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Columns3 } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { type Field, fieldsQuery } from '@/domain/query/fields';
import { Reply } from '@/domain/Reply';
import { ANY } from '@/lib/query';
import { Button } from '@/ui/Button';
import { Find } from '@/ui/Find';
import { columnOf, fieldsOf } from './columns';
import s from './FieldList.module.css';
import type { Asked } from './queries';
import { TopValues } from './TopValues';

/** Those that are looked at most; where the API has them. */
const OFTEN = [
  'event.kind',
  'event.dataset',
  'severity',
  'rule.name',
  'source.ip',
  'destination.ip',
  'destination.port',
  'host.name',
  'user.name',
  'event.action',
  'event.outcome',
  'process.name',
  'dns.question.name',
  'url.domain',
  'sensor_id',
];

export interface FieldProps {
  asked: Asked;
  columns: readonly string[];
  onColumn: (field: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** All fields that can be asked for: a column of each, its frequent values, and filters by them. */
export function FieldList(props: FieldProps) {
  const fields = useQuery(fieldsQuery('events'));
  const [wanted, setWanted] = useState('');
  const [open, setOpen] = useState<string | undefined>();
  const turn = (name: string) => setOpen(open === name ? undefined : name);
  return (
    <aside aria-label="Fields">
      <Find label="Find a field" value={wanted} onChange={setWanted} />
      <Reply of={fields} lines={12}>
        {(all) =>
          groups(all, wanted, props.columns).map(([title, some]) => (
            <Group key={title} title={title}>
              {some.map((field) => (
                <One key={field.name} field={field} open={open === field.name} onTurn={turn} {...props} />
              ))}
            </Group>
          ))
        }
      </Reply>
    </aside>
  );
}

function groups(all: readonly Field[], wanted: string, columns: readonly string[]) {
  const text = wanted.trim().toLowerCase();
  if (text) {
    const found = all.filter(({ name, meaning }) => `${name} ${meaning}`.toLowerCase().includes(text));
    return [[found.length > 0 ? 'Found' : 'No field has this in its name', found]] as const;
  }
  const added = fieldsOf(columns);
  const shown = all.filter(({ name }) => added.includes(name) && !OFTEN.includes(name));
  const often = OFTEN.flatMap((name) => all.find((one) => one.name === name) ?? []);
  const named = new Set([...shown, ...often]);
  const rest = all.filter((one) => !named.has(one));
  const parts = [
    ['In the table', shown],
    ['Often used', often],
    ['All others', rest],
  ] as const;
  return parts.filter(([, some]) => some.length > 0);
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className={s.group}>
        {title}
      </h2>
      {children}
    </section>
  );
}

type OneProps = FieldProps & { field: Field; open: boolean; onTurn: (name: string) => void };

function One({ field, open, onTurn, asked, columns, onColumn, onFilter }: OneProps) {
  const { name } = field;
  const shown = columns.includes(columnOf(name));
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <div className={s.one} data-open={open ? '' : undefined}>
      <div className={s.line}>
        <button type="button" className={s.name} aria-expanded={open} title={name} onClick={() => onTurn(name)}>
          <Icon size={12} aria-hidden="true" />
          <span className="u-cut">{name}</span>
        </button>
        <button
          type="button"
          className={s.column}
          aria-pressed={shown}
          aria-label={shown ? `Remove the column ${name}` : `Add ${name} as a column`}
          title={shown ? 'Remove the column' : 'Add as a column'}
          onClick={() => onColumn(columnOf(name))}
        >
          <Columns3 size={13} aria-hidden="true" />
        </button>
      </div>
      {open && (
        <div className={s.values}>
          {field.meaning && <p className={s.hint}>{field.meaning}</p>}
          <TopValues asked={asked} field={name} onFilter={onFilter} />
          <div className={s.any}>
            <Button size="sm" variant="ghost" onClick={() => onFilter({ field: name, value: ANY }, false)}>
              Has any
            </Button>
            <Button size="sm" variant="ghost" onClick={() => onFilter({ field: name, value: ANY }, true)}>
              Has none
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
