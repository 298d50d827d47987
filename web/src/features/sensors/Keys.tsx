import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { useMay } from '@/domain/session';
import { Age, Time, useZoneLabel } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Section } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { complain, say } from '@/ui/toast';
import { keyState, sortedKeys } from './keyState';
import { NewKey } from './NewKey';
import type { Key, SensorDetail } from './queries';

/** By what a sensor shows who it is. */
export function Keys({ sensor }: { sensor: SensorDetail }) {
  const mayChange = useMay('sensors:write', sensor.organization_id);
  const zone = useZoneLabel();
  const now = useNow(10_000);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const keys = sortedKeys(sensor.keys, now);
  const good = keys.filter((key) => ['good', 'ending'].includes(keyState(key, now)));
  const make = mayChange && (
    <Button variant="primary" onClick={() => setMaking(true)}>
      <KeyRound size={13} aria-hidden="true" />
      Make a fresh key
    </Button>
  );
  return (
    <Section title="Keys" actions={make} flush>
      {good.length === 0 && (
        <Banner tone="danger">
          No key is good any more: whatever this sensor sends is refused until it has a fresh one.
        </Banner>
      )}
      <Table
        label="Keys"
        columns={columns(zone, now, mayChange ? setRevoking : undefined)}
        rows={keys}
        keyOf={(key) => key.id}
      />
      {making && <NewKey sensor={sensor} good={good.length} onLeave={() => setMaking(false)} />}
      {revoking && (
        <Revoke sensor={sensor} taken={revoking} last={good.length === 1} onLeave={() => setRevoking(null)} />
      )}
    </Section>
  );
}

function columns(zone: string, now: number, onRevoke: ((key: Key) => void) | undefined): Column<Key>[] {
  const all: Column<Key>[] = [
    { name: 'Begins with', grow: true, cell: (key) => <span className="u-mono">{key.prefix}…</span> },
    { name: 'State', cell: (key) => <KeyStateTag taken={key} now={now} /> },
    {
      name: `Last used (${zone})`,
      cell: (key) => (key.last_used_at ? <Time at={key.last_used_at} /> : <span className="u-subtle">never</span>),
    },
    { name: `Made (${zone})`, minor: true, cell: (key) => <Time at={key.created_at} /> },
  ];
  if (onRevoke)
    all.push({
      name: 'Actions',
      quiet: true,
      align: 'end',
      cell: (key) =>
        ['good', 'ending'].includes(keyState(key, now)) && (
          <Button size="sm" variant="danger" aria-label={`Revoke ${key.prefix}`} onClick={() => onRevoke(key)}>
            Revoke
          </Button>
        ),
    });
  return all;
}

function KeyStateTag({ taken, now }: { taken: Key; now: number }) {
  switch (keyState(taken, now)) {
    case 'good':
      return <Tag tone="success">Good</Tag>;
    case 'ending':
      return (
        <Tag tone="warning">
          Ends <Age at={taken.expires_at ?? now} />
        </Tag>
      );
    case 'expired':
      return <Tag>Ended</Tag>;
    case 'revoked':
      return <Tag>Revoked</Tag>;
  }
}

function Revoke({
  sensor,
  taken,
  last,
  onLeave,
}: {
  sensor: SensorDetail;
  taken: Key;
  last: boolean;
  onLeave: () => void;
}) {
  const client = useQueryClient();
  const revoking = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/sensors/{sensor_id}/keys/{key_id}', {
        params: { path: { sensor_id: sensor.id, key_id: taken.id } },
      }),
    onSuccess: () => say({ title: `Revoked ${taken.prefix}… of ${sensor.name}` }),
    onError: (error) => complain({ title: `Not revoked: ${taken.prefix}…`, description: asApiError(error).message }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['sensors', 'one', sensor.id] });
      onLeave();
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke ${taken.prefix}…`}
      verb="Revoke key"
      busy={revoking.isPending}
      onConfirm={() => revoking.mutate()}
      onLeave={onLeave}
    >
      Whatever sends to {sensor.name} with this key is refused within seconds.{' '}
      {last ? 'It is the last good key: nothing of this sensor is taken in until it has another.' : ''}
      {taken.last_used_at && (
        <>
          {' '}
          It was last used <Age at={taken.last_used_at} /> ago.
        </>
      )}
    </ConfirmDialog>
  );
}
