import { useQuery } from '@tanstack/react-query';
import { Mail, Webhook } from 'lucide-react';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { Reply } from '@/domain/Reply';
import { useSession } from '@/domain/session';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Section } from '@/ui/Page';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { complain } from '@/ui/toast';
import { ChannelDialog } from './ChannelDialog';
import s from './Channels.module.css';
import { useChangeChannel } from './changes';
import { formatLabel } from './kinds';
import { type Channel, channelsQuery } from './queries';
import { TestButton } from './TestButton';

/** Where organizations are told of things. */
export function Channels({ onCreate }: { onCreate: () => void }) {
  const channels = useQuery(channelsQuery);
  return <Reply of={channels}>{(data) => <List channels={data} onCreate={onCreate} />}</Reply>;
}

function List({ channels, onCreate }: { channels: readonly Channel[]; onCreate: () => void }) {
  const [doing, setDoing] = useState<{ what: 'edit' | 'disable'; id: string } | null>(null);
  const { memberships } = useSession();
  const leave = () => setDoing(null);
  const chosen = channels.find((one) => one.id === doing?.id);
  const organization = (id: string) => memberships.find((one) => one.organization_id === id)?.organization;
  const columns: Column<Channel>[] = [
    { name: 'Channel', cell: (one) => <Name channel={one} /> },
    ...(memberships.length > 1
      ? [{ name: 'Organization', cell: (one: Channel) => organization(one.organization_id) }]
      : []),
    { name: 'Leads to', grow: true, cell: (one) => <LeadsTo channel={one} /> },
    { name: 'State', cell: (one) => <StateOf channel={one} /> },
    { name: 'Test', cell: (one) => <TestButton channel={one} /> },
    {
      name: 'Actions',
      align: 'end',
      cell: (one) => (
        <span className={s.actions}>
          <Button size="sm" variant="ghost" onClick={() => setDoing({ what: 'edit', id: one.id })}>
            Change…
          </Button>
          <OnOff channel={one} onDisable={() => setDoing({ what: 'disable', id: one.id })} />
        </span>
      ),
    },
  ];
  return (
    <Section title="Channels" flush>
      <Table
        label="Channels"
        columns={columns}
        rows={channels}
        keyOf={(one) => one.id}
        empty={
          <State title="No channel yet" action={<Button onClick={onCreate}>Create channel…</Button>}>
            A channel is a mailing list, a chat, or a program of yours. Routes say what goes there.
          </State>
        }
      />
      {chosen && doing?.what === 'edit' && <ChannelDialog channel={chosen} onLeave={leave} />}
      {chosen && doing?.what === 'disable' && <DisableDialog channel={chosen} onLeave={leave} />}
    </Section>
  );
}

function Name({ channel }: { channel: Channel }) {
  const Icon = channel.kind === 'webhook' ? Webhook : Mail;
  return (
    <span className={s.name}>
      <Icon size={14} aria-hidden="true" />
      <strong>{channel.name}</strong>
    </span>
  );
}

function LeadsTo({ channel }: { channel: Channel }) {
  if (channel.kind === 'email') return <span className={s.to}>{channel.to?.join(', ')}</span>;
  return (
    <span className={s.to}>
      <span className="u-mono">{channel.host}</span>
      {channel.format && <Tag>{formatLabel(channel.format)}</Tag>}
    </span>
  );
}

const StateOf = ({ channel }: { channel: Channel }) =>
  channel.disabled_at ? <Tag tone="warning">Disabled</Tag> : <span className="u-muted">Active</span>;

function OnOff({ channel, onDisable }: { channel: Channel; onDisable: () => void }) {
  const enabling = useChangeChannel('Enabled');
  if (!channel.disabled_at)
    return (
      <Button size="sm" variant="ghost" onClick={onDisable} aria-label={`Disable ${channel.name}`}>
        Disable…
      </Button>
    );
  return (
    <Button
      size="sm"
      variant="ghost"
      busy={enabling.isPending}
      aria-label={`Enable ${channel.name}`}
      onClick={() =>
        enabling.mutate(
          { channel, body: { disabled: false } },
          {
            onError: (error) =>
              complain({ title: `Not enabled: ${channel.name}`, description: asApiError(error).message }),
          },
        )
      }
    >
      Enable
    </Button>
  );
}

function DisableDialog({ channel, onLeave }: { channel: Channel; onLeave: () => void }) {
  const disabling = useChangeChannel('Disabled');
  return (
    <ConfirmDialog
      title={`Disable ${channel.name}`}
      verb="Disable"
      busy={disabling.isPending}
      onConfirm={() => disabling.mutate({ channel, body: { disabled: true } }, { onSuccess: onLeave })}
      onLeave={onLeave}
    >
      <p>Nothing is sent there until it is enabled again, and what waits to be sent has failed. Its routes stay.</p>
      <Refused error={disabling.error} />
    </ConfirmDialog>
  );
}
