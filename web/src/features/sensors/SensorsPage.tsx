import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { PATHS } from '@/app/paths';
import { formatLabel } from '@/domain/formats';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Time, useZoneLabel } from '@/domain/Time';
import { useRefresh } from '@/domain/useRefresh';
import { formatCompact, formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Page, Section } from '@/ui/Page';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { AddSensor } from './AddSensor';
import { HealthTag } from './Health';
import { everyMinute, formatShare, quarantinedShare } from './healthOf';
import { type Sensor, sensorsQuery } from './queries';
import s from './Sensors.module.css';
import { Spark } from './Spark';
import { HOUR_MINUTES, useHealth, useHour } from './useHealth';

/** Who sends, and whether all is well with them. */
export default function SensorsPage() {
  const list = useInfiniteQuery(sensorsQuery);
  const mayAdd = useMay('sensors:write');
  const [adding, setAdding] = useState(false);
  const zone = useZoneLabel();
  // What they sent is asked for at a pace of its own, for each of them costs a question.
  useRefresh('sensor', [['sensors', 'list']]);
  const add = mayAdd && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus size={13} aria-hidden="true" />
      Add sensor
    </Button>
  );
  return (
    <Page title="Sensors" beside={<LiveIndicator />} actions={add}>
      <Reply of={list}>
        {({ pages }) => {
          const sensors = pages.flatMap((page) => page.items);
          if (sensors.length === 0) return <First add={add} />;
          return (
            <Section title={`${formatCount(sensors.length)}${list.hasNextPage ? '+' : ''} sensors`} flush>
              <Table
                label="Sensors"
                columns={columns(zone)}
                rows={sensors}
                keyOf={(one) => one.id}
                more={
                  list.hasNextPage
                    ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                    : undefined
                }
              />
            </Section>
          );
        }}
      </Reply>
      {adding && <AddSensor onLeave={() => setAdding(false)} />}
    </Page>
  );
}

function First({ add }: { add: ReactNode }) {
  return (
    <State title="No sensor sends here yet" action={add}>
      {add
        ? 'Add one, copy one command, and see its first event in under two minutes. Suricata, Wazuh, Zeek, Falco, any JSON, syslog and others are read as they are.'
        : 'An operator or an administrator can add one.'}
    </State>
  );
}

const columns = (zone: string): Column<Sensor>[] => [
  {
    name: 'Sensor',
    grow: true,
    cell: (one) => (
      <Link to={PATHS.sensor} params={{ sensorId: one.id }} className="u-strong">
        {one.name}
      </Link>
    ),
  },
  { name: 'State', cell: (one) => <SensorState sensor={one} /> },
  { name: 'Format', minor: true, cell: (one) => <span className={s.nowrap}>{formatLabel(one.format)}</span> },
  {
    name: `Last record (${zone})`,
    cell: (one) => (one.last_seen_at ? <Time at={one.last_seen_at} /> : <span className="u-subtle">never</span>),
  },
  { name: 'Last hour', minor: true, cell: (one) => <LastHour sensor={one} /> },
  { name: 'A minute', align: 'end', minor: true, cell: (one) => <Rate sensor={one} /> },
  { name: 'Not stored yet', align: 'end', minor: true, cell: (one) => <Waiting sensor={one} /> },
  { name: 'In quarantine', align: 'end', cell: (one) => <Quarantined sensor={one} /> },
];

function SensorState({ sensor }: { sensor: Sensor }) {
  return <HealthTag health={useHealth(sensor)} />;
}

function LastHour({ sensor }: { sensor: Sensor }) {
  const { data, isError } = useHour(sensor);
  if (isError) return <span className="u-subtle">not known</span>;
  return data ? <Spark minutes={everyMinute(data.minutes ?? [], data.from, data.to)} /> : null;
}

function Rate({ sensor }: { sensor: Sensor }) {
  const { data } = useHour(sensor);
  if (!data) return null;
  const rate = data.total.accepted / HOUR_MINUTES;
  return rate > 0 && rate < 1 ? '< 1' : formatCompact(Math.round(rate));
}

function Waiting({ sensor }: { sensor: Sensor }) {
  const { data } = useHour(sensor);
  return data ? formatCount(data.total.in_flight_or_parked) : null;
}

function Quarantined({ sensor }: { sensor: Sensor }) {
  const { data } = useHour(sensor);
  if (!data) return null;
  const { quarantined } = data.total;
  if (quarantined === 0) return <span className="u-subtle">none</span>;
  return (
    <span className={s.nowrap}>
      {formatCompact(quarantined)} <span className="u-subtle">{formatShare(quarantinedShare(data.total))}</span>
    </span>
  );
}
