import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { Person } from '@/domain/Person';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import { Age, Moment, useZoneLabel } from '@/domain/Time';
import { Button } from '@/ui/Button';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { complain, say } from '@/ui/toast';
import s from './Deliveries.module.css';
import { kindLabel } from './kinds';
import type { Channel, Told } from './queries';
import { usePutTold } from './useSettling';

interface Props {
  rows: readonly Told[];
  channels: readonly Channel[];
  stale: boolean;
  empty: ReactNode;
  more: { load: () => void; busy: boolean } | undefined;
}

/** Messages with their state, their attempts, and what went wrong. */
export function DeliveryTable({ rows, channels, stale, empty, more }: Props) {
  const zone = useZoneLabel();
  const columns: Column<Told>[] = [
    {
      name: `Time (${zone})`,
      minor: true,
      cell: (one) => (
        <span className={s.time}>
          <Moment at={one.created_at} />
        </span>
      ),
    },
    { name: 'State', cell: (one) => <StateOf told={one} /> },
    { name: 'Message', grow: true, cell: (one) => <Subject told={one} /> },
    { name: 'To', cell: (one) => <To told={one} channel={channels.find((each) => each.id === one.channel_id)} /> },
    { name: 'Attempts', align: 'end', minor: true, cell: (one) => one.attempts },
    { name: 'Actions', align: 'end', cell: (one) => <Retry told={one} /> },
  ];
  return (
    <Table
      label="Deliveries"
      columns={columns}
      rows={rows}
      keyOf={(one) => one.id}
      stale={stale}
      empty={empty}
      more={more}
    />
  );
}

const STATES = {
  pending: ['Waiting', undefined],
  sent: ['Sent', 'success'],
  coalesced: ['With another', undefined],
  failed: ['Failed', 'danger'],
} as const;

function StateOf({ told }: { told: Told }) {
  const [label, tone] = STATES[told.status];
  return (
    <span className={s.state}>
      <Tag tone={tone}>{label}</Tag>
      {told.status === 'pending' && (
        <span className="u-subtle">
          <Due at={told.due_at} />
        </span>
      )}
    </span>
  );
}

/** When it is tried; what is due already is about to be. */
function Due({ at }: { at: string }) {
  return new Date(at).getTime() > Date.now() ? <Age at={at} /> : 'now';
}

function Subject({ told }: { told: Told }) {
  return (
    <div className={s.subject}>
      <span className={s.state}>
        <span title={severityLabel(told.severity)}>
          <SeverityGlyph severity={told.severity} />
          <span className="u-visually-hidden">{severityLabel(told.severity)}</span>
        </span>
        <span className="u-subtle">{kindLabel(told.kind)}</span>
      </span>
      <ObjectLink told={told} />
      {told.last_error && told.status !== 'sent' && <span className={s.error}>{told.last_error}</span>}
    </div>
  );
}

function ObjectLink({ told: { object_kind: kind, object_id: id, query, subject } }: { told: Told }) {
  const link = { className: 'u-strong', children: subject };
  if (query) return <Link to={PATHS.alerts} search={{ query }} {...link} />;
  if (id && kind === 'alert') return <Link to={PATHS.alert} params={{ alertId: id }} {...link} />;
  if (id && kind === 'incident') return <Link to={PATHS.incident} params={{ incidentId: id }} {...link} />;
  if (id && kind === 'sensor') return <Link to={PATHS.sensor} params={{ sensorId: id }} {...link} />;
  if (id && kind === 'handover') return <Link to={PATHS.handover} params={{ handoverId: id }} {...link} />;
  if (kind === 'job') return <Link to={PATHS.jobs} {...link} />;
  return <span>{subject}</span>;
}

function To({ told, channel }: { told: Told; channel: Channel | undefined }) {
  if (told.channel_id === null) return <Person id={told.user_id} />;
  return (
    <span className={s.to}>
      <Radio size={14} aria-hidden="true" />
      {channel?.name ?? 'Channel'}
    </span>
  );
}

function Retry({ told }: { told: Told }) {
  const put = usePutTold();
  const retrying = useMutation({
    mutationFn: () =>
      read(
        api.POST('/api/v1/notifications/{notification_id}/retry', { params: { path: { notification_id: told.id } } }),
      ),
    onSuccess: (after) => {
      put([after]);
      say({ title: 'Tried again', description: told.subject });
    },
    onError: (error) => complain({ title: 'Not tried again', description: asApiError(error).message }),
  });
  if (told.status !== 'failed') return null;
  return (
    <Button
      size="sm"
      busy={retrying.isPending}
      onClick={() => retrying.mutate()}
      aria-label={`Try again: ${told.subject}`}
    >
      Try again
    </Button>
  );
}
