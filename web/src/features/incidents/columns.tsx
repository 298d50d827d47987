import { Link } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import type { GridColumn } from '@/domain/grid/columns';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Person } from '@/domain/Person';
import { usePerson } from '@/domain/people';
import { SeverityBadge } from '@/domain/Severity';
import { Tlp } from '@/domain/Tlp';
import { When } from '@/domain/When';
import { formatCount, words } from '@/lib/format';
import { Avatar } from '@/ui/Avatar';
import { Tag } from '@/ui/Tag';
import { ClockText } from './Clock';
import s from './columns.module.css';
import type { Incident } from './queries';

const time = (id: 'created_at' | 'received_at' | 'closed_at' | 'updated_at', label: string, sort?: string) => ({
  id,
  label,
  width: 112,
  cell: (row: Incident) => (row[id] ? <When at={row[id]} /> : null),
  ...(sort && { sort }),
});

/** The list's columns, each by the name of the row's member. `zone` is what times are told in. */
export const columnsIn = (zone: string, organizationOf?: (id: string) => string): readonly GridColumn<Incident>[] => [
  {
    id: 'severity',
    label: 'Severity',
    width: 88,
    sort: 'severity',
    cell: (row) => <SeverityBadge severity={row.severity} />,
    value: (row) => ({ field: 'severity', value: row.severity }),
  },
  { id: 'number', label: 'No.', width: 40, sort: 'number', cell: (row) => <NumberLink row={row} /> },
  { id: 'title', label: 'Incident', width: 248, grow: true, cell: (row) => <Title row={row} /> },
  {
    id: 'status',
    label: 'Status',
    width: 104,
    leaves: 1,
    cell: (row) => (
      <span className={s.sign}>
        <IncidentStatusText status={row.status} />
      </span>
    ),
    value: (row) => ({ field: 'status', value: row.status }),
  },
  { id: 'clocks', label: 'Clock', width: 156, leaves: 2, cell: (row) => <ClockText incident={row} /> },
  {
    id: 'assignee_id',
    label: 'Owner',
    width: 108,
    leaves: 3,
    cell: (row) => (
      <span className={s.owner}>
        <Person id={row.assignee_id} />
      </span>
    ),
    value: (row) => (row.assignee_id ? { field: 'assignee', value: row.assignee_id } : undefined),
  },
  {
    id: 'alerts_count',
    label: 'Alerts',
    width: 46,
    leaves: 5,
    align: 'end',
    sort: 'alerts_count',
    cell: (row) => formatCount(row.alerts_count),
  },
  {
    id: 'tlp',
    label: 'TLP',
    width: 118,
    leaves: 6,
    cell: (row) => <Tlp level={row.tlp} />,
    value: (row) => ({ field: 'tlp', value: row.tlp }),
  },
  {
    id: 'tags',
    label: 'Tags',
    width: 150,
    leaves: 7,
    cell: (row) => <Tags tags={row.tags} />,
    value: (row) => (row.tags[0] ? { field: 'tags', value: row.tags[0] } : undefined),
  },
  { ...time('updated_at', `Changed (${zone})`, 'updated_at'), leaves: 4 },
  { ...time('created_at', `Opened (${zone})`, 'created_at'), leaves: 8, optional: true },
  { ...time('received_at', `First event (${zone})`), leaves: 8, optional: true },
  { ...time('closed_at', `Closed (${zone})`), leaves: 8, optional: true },
  {
    id: 'verdict',
    label: 'Verdict',
    width: 120,
    leaves: 8,
    optional: true,
    cell: (row) => <span className={s.muted}>{row.verdict && words(row.verdict)}</span>,
    value: (row) => (row.verdict ? { field: 'verdict', value: row.verdict } : undefined),
  },
  {
    id: 'techniques',
    label: 'ATT&CK',
    width: 110,
    leaves: 8,
    optional: true,
    cell: (row) => <span className={s.muted}>{row.techniques.join(' ')}</span>,
    value: (row) => (row.techniques[0] ? { field: 'technique', value: row.techniques[0] } : undefined),
  },
  ...(organizationOf
    ? [
        {
          id: 'organization_id',
          label: 'Organization',
          width: 120,
          leaves: 4,
          cell: (row: Incident) => <span className={s.muted}>{organizationOf(row.organization_id)}</span>,
        },
      ]
    : []),
];

/** A link of its own, so that it can be opened beside the list. */
function NumberLink({ row }: { row: Incident }) {
  return (
    <Link
      to="/incidents/$incidentId"
      params={{ incidentId: row.id }}
      className={s.number}
      tabIndex={-1}
      onClick={(event) => event.stopPropagation()}
    >
      #{row.number}
    </Link>
  );
}

/** What it is called, and what has to be known before one opens it. */
function Title({ row }: { row: Incident }) {
  const over = row.status === 'closed' || row.status === 'merged';
  return (
    <span className={s.title} data-over={over ? '' : undefined}>
      {row.restricted && <Lock size={12} role="img" aria-label="Restricted: seen by its members alone" />}
      <span className={s.name} title={row.title}>
        {row.title}
      </span>
      <Marks row={row} />
    </span>
  );
}

/** That it waits for somebody, or may not be deleted from. */
export function Marks({ row }: { row: Incident }) {
  return (
    <>
      {row.review && <Tag tone="warning">In review</Tag>}
      {row.legal_hold && <Tag>Legal hold</Tag>}
    </>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className={s.tags} title={tags.join(', ')}>
      {tags.slice(0, 2).map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
      {tags.length > 2 && <span className={s.muted}>+{tags.length - 2}</span>}
    </span>
  );
}

/** The owner's initials, where there is no room for a name. */
export function Owner({ id, me }: { id: string | null; me: string }) {
  return <Avatar name={usePerson(id)} me={id === me} />;
}

/** An incident where there is no room for columns. */
export const cardOf = (me: string) => (row: Incident) => (
  <span className={s.card}>
    <Title row={row} />
    <span className={s.under}>
      <SeverityBadge severity={row.severity} />
      <span className={s.sign}>
        <IncidentStatusText status={row.status} />
      </span>
      <ClockText incident={row} />
      <Owner id={row.assignee_id} me={me} />
    </span>
  </span>
);
