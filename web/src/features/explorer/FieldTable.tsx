import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { fieldsQuery } from '@/domain/query/fields';
import { useMay } from '@/domain/session';
import { Find } from '@/ui/Find';
import s from './EventDrawer.module.css';
import { FieldRow } from './FieldRow';
import type { EventDetail } from './queries';
import { linesOf, matching } from './values';

interface Props {
  event: EventDetail;
  columns: readonly string[];
  onColumn: (field: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** Every field of the event, found by name or value, with what can be done by it. */
export function FieldTable({ event, ...acts }: Props) {
  const { data: fields } = useQuery(fieldsQuery('events'));
  const mayAlerts = useMay('alerts:read');
  const { data: alerts } = useQuery({ ...fieldsQuery('alerts'), enabled: mayAlerts });
  const [wanted, setWanted] = useState('');
  const lines = useMemo(
    () => linesOf(event.document, new Set(fields?.map((one) => one.name)), event.kind),
    [event, fields],
  );
  const pivots = useMemo(() => new Set(alerts?.map((one) => one.name)), [alerts]);
  const found = matching(lines, wanted);
  return (
    <div className={s.part}>
      <Find
        label="Find in this event"
        placeholder={`Find in ${lines.length} fields`}
        value={wanted}
        onChange={setWanted}
      />
      {found.length === 0 && <p className="u-subtle">No field of it has this in its name or value.</p>}
      <dl className={s.table} aria-label="Fields of the event">
        {found.map((line) => (
          <FieldRow key={line.path} line={line} pivot={line.field !== undefined && pivots.has(line.field)} {...acts} />
        ))}
      </dl>
    </div>
  );
}
