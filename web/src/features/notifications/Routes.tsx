import { useQuery } from '@tanstack/react-query';
import { Mail, Webhook } from 'lucide-react';
import { useState } from 'react';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Row, Section } from '@/ui/Page';
import { State } from '@/ui/State';
import { Switch } from '@/ui/Switch';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { useChangeRoute, useDeleteRoute } from './changes';
import { kindLabel } from './kinds';
import { type Channel, channelsQuery, type Route, routesQuery } from './queries';
import { RouteDialog } from './RouteDialog';
import s from './Routes.module.css';
import { quietLabel, SEVERITIES, spanLabel } from './routeForm';

/** What goes where. */
export function Routes({ onCreate }: { onCreate: () => void }) {
  const routes = useQuery(routesQuery);
  const writes = useMay('notifications:write');
  const channels = useQuery({ ...channelsQuery, enabled: writes });
  return (
    <Reply of={routes}>
      {(data) => <List routes={data} channels={channels.data ?? []} writes={writes} onCreate={onCreate} />}
    </Reply>
  );
}

interface Props {
  routes: readonly Route[];
  channels: readonly Channel[];
  writes: boolean;
  onCreate: () => void;
}

function List({ routes, channels, writes, onCreate }: Props) {
  const [doing, setDoing] = useState<{ what: 'edit' | 'delete'; id: string } | null>(null);
  const leave = () => setDoing(null);
  const chosen = routes.find((one) => one.id === doing?.id);
  const channelOf = (route: Route) => channels.find((one) => one.id === route.channel_id);
  const columns: Column<Route>[] = [
    { name: 'To', cell: (one) => <Target route={one} channel={channelOf(one)} /> },
    { name: 'What is told', grow: true, cell: (one) => <Kinds kinds={one.kinds} /> },
    { name: 'From severity', cell: (one) => <span className={s.plain}>{SEVERITIES[one.min_severity - 1]?.[1]}</span> },
    {
      name: 'Quiet hours',
      minor: true,
      cell: (one) => quietLabel(one.quiet_hours) || <span className="u-subtle">none</span>,
    },
    {
      name: 'Told together',
      minor: true,
      cell: (one) => <span className={s.plain}>{spanLabel(String(one.coalesce_seconds))}</span>,
    },
    { name: 'On', cell: (one) => <OnOff route={one} /> },
    {
      name: 'Actions',
      align: 'end',
      cell: (one) => (
        <span className={s.actions}>
          <Button size="sm" variant="ghost" onClick={() => setDoing({ what: 'edit', id: one.id })}>
            Change…
          </Button>
          <Button size="sm" variant="danger" onClick={() => setDoing({ what: 'delete', id: one.id })}>
            Delete…
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Section title={writes ? 'Routes' : 'My routes'} flush>
      <Table
        label="Routes"
        columns={columns}
        rows={routes}
        keyOf={(one) => one.id}
        empty={
          <State title="No route yet" action={<Button onClick={onCreate}>Create route…</Button>}>
            Without one you are told by e-mail of what is assigned to you, mentions, reviews and handovers, and of
            nothing else.
          </State>
        }
      />
      {chosen && doing?.what === 'edit' && (
        <RouteDialog route={chosen} to={channelOf(chosen)?.name ?? 'yourself'} onLeave={leave} />
      )}
      {chosen && doing?.what === 'delete' && (
        <DeleteDialog route={chosen} to={channelOf(chosen)?.name ?? 'you'} onLeave={leave} />
      )}
    </Section>
  );
}

function Target({ route, channel }: { route: Route; channel: Channel | undefined }) {
  if (route.channel_id === null)
    return (
      <span className={s.target}>
        <Person id={route.user_id} />
      </span>
    );
  const Icon = channel?.kind === 'webhook' ? Webhook : Mail;
  return (
    <span className={s.target}>
      <Icon size={14} aria-hidden="true" />
      <strong>{channel?.name ?? 'Channel'}</strong>
      {channel?.disabled_at && <Tag tone="warning">Channel disabled</Tag>}
    </span>
  );
}

function Kinds({ kinds }: { kinds: readonly string[] }) {
  return (
    <Row>
      {kinds.map((kind) => (
        <Tag key={kind}>{kindLabel(kind)}</Tag>
      ))}
    </Row>
  );
}

function OnOff({ route }: { route: Route }) {
  const changing = useChangeRoute();
  const on = route.disabled_at === null;
  return (
    <Switch
      label={on ? 'On' : 'Off'}
      checked={on}
      disabled={changing.isPending}
      onChange={(next) => changing.mutate({ route, body: { disabled: !next } })}
    />
  );
}

function DeleteDialog({ route, to, onLeave }: { route: Route; to: string; onLeave: () => void }) {
  const deleting = useDeleteRoute();
  return (
    <ConfirmDialog
      title={`Delete the route to ${to}`}
      verb="Delete"
      busy={deleting.isPending}
      onConfirm={() => deleting.mutate(route, { onSettled: onLeave })}
      onLeave={onLeave}
    >
      {route.channel_id === null
        ? `You are told again as if you had said nothing about: ${route.kinds.map(kindLabel).join(', ')}.`
        : `By this route ${to} hears no longer of: ${route.kinds.map(kindLabel).join(', ')}.`}
    </ConfirmDialog>
  );
}
