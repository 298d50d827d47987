import { Moon } from 'lucide-react';
import type { GridColumn } from '@/domain/grid/columns';
import { usePerson } from '@/domain/people';
import { SeverityBadge } from '@/domain/Severity';
import { StatusSign, StatusText } from '@/domain/Status';
import { useSession } from '@/domain/session';
import { Age, Moment } from '@/domain/Time';
import { When } from '@/domain/When';
import { formatCount } from '@/lib/format';
import { Avatar } from '@/ui/Avatar';
import { Tag } from '@/ui/Tag';
import s from './columns.module.css';
import { Due } from './Due';
import { Entities } from './Entities';
import { cellOf } from './entityLine';
import type { Alert } from './queries';
import { useSeen } from './seen';

const time = (id: 'first_seen' | 'created_at' | 'updated_at', label: string): GridColumn<Alert> => ({
  id,
  label,
  width: 140,
  leaves: 8,
  optional: true,
  sort: id,
  cell: (alert) => <Moment at={alert[id]} />,
});

const text = (id: 'module' | 'dataset' | 'rule_id', label: string, field: string): GridColumn<Alert> => ({
  id,
  label,
  width: 128,
  leaves: 6,
  optional: true,
  cell: (alert) => <span className={s.muted}>{alert[id]}</span>,
  value: (alert) => (alert[id] ? { field, value: alert[id] } : undefined),
});

/** The queue's columns, each by the name of the row's member. `zone` is what times are told in. */
export const columnsIn = (zone: string): readonly GridColumn<Alert>[] => [
  {
    id: 'severity',
    label: 'Severity',
    width: 92,
    sort: 'severity',
    cell: (alert) => <SeverityBadge severity={alert.severity} />,
    value: (alert) => ({ field: 'severity', value: alert.severity }),
  },
  {
    id: 'last_seen',
    label: `Time (${zone})`,
    width: 128,
    leaves: 2,
    sort: 'last_seen',
    cell: (alert) => <When at={alert.last_seen} />,
  },
  { id: 'title', label: 'Alert', width: 220, grow: true, cell: (alert) => <Title alert={alert} /> },
  {
    id: 'entities',
    label: 'Entities',
    width: 176,
    leaves: 5,
    cell: ({ entities = [] }) => <Entities entities={entities} />,
    value: ({ entities = [] }) => cellOf(entities),
  },
  text('rule_id', 'Rule', 'rule.id'),
  text('dataset', 'Dataset', 'dataset'),
  text('module', 'Product', 'module'),
  {
    id: 'techniques',
    label: 'ATT&CK',
    width: 96,
    leaves: 7,
    cell: (alert) => <span className={s.mono}>{alert.techniques.join(' ')}</span>,
    value: (alert) => (alert.techniques[0] ? { field: 'technique', value: alert.techniques[0] } : undefined),
  },
  {
    id: 'tags',
    label: 'Tags',
    width: 140,
    leaves: 7,
    optional: true,
    cell: (alert) => <span className={s.muted}>{alert.tags.join(', ')}</span>,
    value: (alert) => (alert.tags[0] ? { field: 'tags', value: alert.tags[0] } : undefined),
  },
  {
    id: 'status',
    label: 'Status',
    // A shape is enough: what triage changes has to be seen in the row, beside whom and what it is about.
    width: 46,
    leaves: 3,
    cell: (alert) => <StatusSign status={alert.status} />,
    value: (alert) => ({ field: 'status', value: alert.status }),
  },
  { id: 'due_at', label: 'Due', width: 64, leaves: 4, cell: (alert) => <Due at={alert.due_at} /> },
  {
    id: 'assignee_id',
    label: 'Owner',
    width: 46,
    leaves: 3,
    cell: (alert) => <Owner id={alert.assignee_id} />,
    value: (alert) => (alert.assignee_id ? { field: 'assignee', value: alert.assignee_id } : undefined),
  },
  {
    id: 'count',
    label: 'Events',
    width: 64,
    leaves: 8,
    optional: true,
    align: 'end',
    sort: 'count',
    cell: (alert) => formatCount(alert.count),
  },
  time('first_seen', `First seen (${zone})`),
  time('created_at', `Opened (${zone})`),
  time('updated_at', `Changed (${zone})`),
  {
    id: 'risk',
    label: 'Risk',
    width: 44,
    leaves: 1,
    align: 'end',
    sort: 'risk',
    cell: (alert) => <strong className={s.risk}>{alert.risk}</strong>,
  },
];

function Title({ alert }: { alert: Alert }) {
  const seen = useSeen(alert.id);
  return (
    <span className={s.title} data-seen={seen || alert.status !== 'new' ? '' : undefined}>
      <span className={s.name}>{alert.title}</span>
      {alert.count > 1 && <span className={s.times}>×{formatCount(alert.count)}</span>}
      {alert.again && <Tag tone="warning">Again</Tag>}
      {alert.incident_id && <Tag tone="accent">Incident</Tag>}
      {alert.snoozed_until && (
        <span className={s.times} title={`Snoozed until ${alert.snoozed_until}`}>
          <Moon size={11} role="img" aria-label="Snoozed" />
        </span>
      )}
      {alert.tags.length > 0 && (
        <span className={s.tags}>
          {alert.tags.slice(0, 2).map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
      )}
    </span>
  );
}

function Owner({ id }: { id: string | null }) {
  const name = usePerson(id);
  const { user } = useSession();
  return (
    <span className={s.owner} data-nobody={name === null ? '' : undefined}>
      <Avatar name={name} me={id === user.id} />
    </span>
  );
}

/** An alert where there is no room for columns: its title, and under it how bad, when, whose. */
export const cardOf = (alert: Alert) => (
  <span className={s.card}>
    <Title alert={alert} />
    <span className={s.under}>
      <SeverityBadge severity={alert.severity} />
      <StatusText status={alert.status} />
      <span className={s.muted}>
        <Age at={alert.last_seen} />
      </span>
      <Entities entities={alert.entities ?? []} />
      <Owner id={alert.assignee_id} />
    </span>
  </span>
);
