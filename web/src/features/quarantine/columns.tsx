import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { reasonLabel } from '@/domain/reasons';
import { useSensorName } from '@/domain/sensors';
import { Time } from '@/domain/Time';
import { formatBytes } from '@/lib/format';
import { Checkbox } from '@/ui/Checkbox';
import type { Column } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import s from './Quarantine.module.css';
import type { Listed } from './queries';

interface Wanted {
  zone: string;
  selected: ReadonlySet<string>;
  /** Whether the person may do something with the rows. */
  acts: boolean;
  onToggle: (id: string) => void;
  onOpen: (id: string) => void;
}

/** What the list shows of each record. */
export function columnsOf({ zone, selected, acts, onToggle, onOpen }: Wanted): Column<Listed>[] {
  const check: Column<Listed> = {
    name: 'Selected',
    quiet: true,
    cell: (row) => (
      <label className={s.check}>
        <span className="u-visually-hidden">Select {row.id}</span>
        <Checkbox checked={selected.has(row.id)} onChange={() => onToggle(row.id)} />
      </label>
    ),
  };
  return [
    ...(acts ? [check] : []),
    { name: `Received (${zone})`, cell: (row) => <Time at={row.received_at} /> },
    {
      name: 'Reason',
      cell: (row) => (
        <span title={row.detail} className="u-cut">
          {reasonLabel(row.reason)}
        </span>
      ),
    },
    { name: 'Sensor', minor: true, cell: (row) => <SensorLink id={row.sensor_id} /> },
    {
      name: 'Begins with',
      grow: true,
      cell: (row) => (
        <div className={s.cell}>
          <button type="button" className={s.open} onClick={() => onOpen(row.id)} title="Look at the record">
            {row.head || <span className="u-subtle">nothing at all</span>}
          </button>
        </div>
      ),
    },
    { name: 'Marks', quiet: true, cell: (row) => <Marks row={row} /> },
    { name: 'Size', align: 'end', minor: true, cell: (row) => <span className="u-cut">{formatBytes(row.bytes)}</span> },
  ];
}

function Marks({ row }: { row: Listed }) {
  return (
    <>
      {row.edited && <Tag>Edited</Tag>}{' '}
      {row.requested && <Tag tone="accent">{row.requested === 'redrive' ? 'To be re-driven' : 'To be discarded'}</Tag>}
    </>
  );
}

/** A sensor by its name. */
export function SensorLink({ id }: { id: string }) {
  return (
    <Link to={PATHS.sensor} params={{ sensorId: id }} className="u-strong">
      <span className="u-cut">{useSensorName(id)}</span>
    </Link>
  );
}
