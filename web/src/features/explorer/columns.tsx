import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { SeverityBadge } from '@/domain/Severity';
import { useSensorName } from '@/domain/sensors';
import { Moment, Time } from '@/domain/Time';
import s from './columns.module.css';
import type { Event } from './queries';
import { filterable, type Value } from './values';

type Column = GridColumn<Event>;

/** Columns that rows have members for, by the member's name. */
const MEMBERS: Readonly<Record<string, Column>> = {
  time: { id: 'time', label: 'Time', width: 148, cell: (event) => <Moment at={event.time} /> },
  severity: {
    id: 'severity',
    label: 'Severity',
    width: 80,
    leaves: 3,
    cell: (event) => <SeverityBadge severity={event.severity} />,
    value: (event) => ({ field: 'severity', value: event.severity }),
  },
  dataset: {
    id: 'dataset',
    label: 'Dataset',
    width: 104,
    leaves: 5,
    cell: (event) => <span className={s.muted}>{event.dataset}</span>,
    value: (event) => cellOf('event.dataset', event.dataset),
  },
  source_ip: {
    id: 'source_ip',
    label: 'Source → destination',
    width: 196,
    leaves: 4,
    cell: (event) => <Flow from={event.source_ip} to={event.destination_ip} />,
    value: (event) => cellOf('source.ip', event.source_ip[0]) ?? cellOf('destination.ip', event.destination_ip[0]),
  },
  host: {
    id: 'host',
    label: 'Host',
    width: 100,
    leaves: 6,
    cell: (event) => <span className={s.mono}>{event.host.join(', ')}</span>,
    value: (event) => cellOf('host.name', event.host[0]),
  },
  user: {
    id: 'user',
    label: 'User',
    width: 84,
    leaves: 7,
    cell: (event) => <span className={s.mono}>{event.user.join(', ')}</span>,
    value: (event) => cellOf('user.name', event.user[0]),
  },
  title: {
    id: 'title',
    label: 'Event',
    width: 160,
    grow: true,
    cell: (event) => <Title event={event} />,
    value: (event) => cellOf('rule.name', event.rule_name) ?? cellOf('title', event.title),
  },
  alert_id: {
    id: 'alert_id',
    label: 'Alert',
    width: 64,
    leaves: 8,
    cell: (event) => event.alert_id && <AlertLink id={event.alert_id} />,
    value: (event) => cellOf('alert_id', event.alert_id),
  },
  sensor_id: {
    id: 'sensor_id',
    label: 'Sensor',
    width: 132,
    leaves: 8,
    cell: (event) => <Sensor id={event.sensor_id} />,
    value: (event) => cellOf('sensor_id', event.sensor_id),
  },
};

/** Those that the table begins with. */
export const FIRST: readonly string[] = ['time', 'severity', 'dataset', 'source_ip', 'host', 'user', 'title'];

/** Fields whose column has a name, and more in it, of its own. */
const OF_FIELD: Readonly<Record<string, string>> = {
  '@timestamp': 'time',
  'event.dataset': 'dataset',
  'host.name': 'host',
  'user.name': 'user',
};

/** The column of a field. */
export const columnOf = (field: string): string => OF_FIELD[field] ?? field;

/** The API gives the values of no more. */
export const MOST_FIELDS = 20;

/** Those of them whose values rows have to bring along. */
export const fieldsOf = (columns: readonly string[]): string[] => columns.filter((id) => !(id in MEMBERS));

/** The table's columns, in the order they were chosen. `zone` is what times are told in. */
export function columnsOf(ids: readonly string[], zone: string): Column[] {
  const columns = [...new Set(ids)].map((id) => MEMBERS[id] ?? fieldColumn(id));
  return columns.map((one) => (one.id === 'time' ? { ...one, label: `Time (${zone})` } : one));
}

/** With a field's column in it, or without it. What grows stays the last. */
export function withColumn(ids: readonly string[], id: string): string[] {
  if (ids.includes(id)) return ids.filter((one) => one !== id);
  const at = ids.at(-1) === 'title' ? ids.length - 1 : ids.length;
  return [...ids.slice(0, at), id, ...ids.slice(at)];
}

/** As it stands in the URL: the usual ones are not said. */
export const saidOf = (ids: readonly string[]): string[] | undefined =>
  ids.length === 0 || ids.join() === FIRST.join() ? undefined : [...ids];

const fieldColumn = (field: string): Column => ({
  id: field,
  label: field,
  width: 140,
  leaves: 2,
  cell: (event) => <Values values={event.fields[field] ?? []} />,
  value: (event) => cellOf(field, event.fields[field]?.[0]),
});

function cellOf(field: string, value: Value | null | undefined): CellValue | undefined {
  const wanted = value === null || value === undefined ? undefined : filterable(value);
  return wanted === undefined ? undefined : { field, value: wanted };
}

const Values = ({ values }: { values: readonly Value[] }) => <span className={s.mono}>{values.join(', ')}</span>;

function Flow({ from, to }: { from: readonly string[]; to: readonly string[] }) {
  if (from.length === 0 && to.length === 0) return null;
  return (
    <span className={s.mono}>
      {from[0] ?? '…'} <span className={s.muted}>→</span> {to[0] ?? '…'}
    </span>
  );
}

function Title({ event }: { event: Event }) {
  const name = event.rule_name ?? event.title;
  return (
    <span className={s.title} data-kind={event.kind}>
      {name ?? event.dataset}
    </span>
  );
}

function AlertLink({ id }: { id: string }) {
  return (
    <Link
      to={PATHS.alert}
      params={{ alertId: id }}
      className="u-link"
      onClick={(event) => event.stopPropagation()}
      tabIndex={-1}
    >
      Alert
    </Link>
  );
}

function Sensor({ id }: { id: string }) {
  return <span className={s.muted}>{useSensorName(id)}</span>;
}

/** An event where there is no room for columns: what it is, and under it how bad, when, and where. */
export const cardOf = (event: Event) => (
  <span className={s.card}>
    <Title event={event} />
    <span className={s.under}>
      <SeverityBadge severity={event.severity} />
      <Time at={event.time} />
      <span className={s.muted}>{event.host[0] ?? event.source_ip[0] ?? event.dataset}</span>
    </span>
  </span>
);
