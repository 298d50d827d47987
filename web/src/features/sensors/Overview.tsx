import { useQuery } from '@tanstack/react-query';
import { formatLabel } from '@/domain/formats';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Time } from '@/domain/Time';
import { formatCompact } from '@/lib/format';
import { KeyValue } from '@/ui/KeyValue';
import { Columns, Section, Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { Balance } from './Balance';
import { EventsLink, FirstEvent } from './FirstEvent';
import { Flow } from './Flow';
import { HEALTH } from './healthOf';
import { type SensorDetail, sheetQuery } from './queries';
import s from './Sensors.module.css';
import { SPANS } from './search';
import { formatDuration } from './settingsForm';
import { useHealth } from './useHealth';

interface Props {
  sensor: SensorDetail;
  minutes: number;
  onMinutes: (minutes: number) => void;
}

/** How a sensor is, and what became of what it sent. */
export function Overview({ sensor, minutes, onMinutes }: Props) {
  const sheet = useQuery(sheetQuery(sensor.id, minutes));
  const span = (
    <Select
      label="Span"
      options={SPANS.map(([value, label]) => [String(value), label])}
      value={String(minutes)}
      onChange={(event) => onMinutes(Number(event.target.value))}
    />
  );
  return (
    <Columns kind="main">
      <Stack>
        {sensor.last_seen_at === null && <FirstEvent sensor={sensor} />}
        <Section title="What became of its records" actions={<div className={s.span}>{span}</div>}>
          <Reply of={sheet} lines={8}>
            {(data) => (
              <Stack>
                <Flow sheet={data} />
                <Balance account={data.total} sensorId={sensor.id} />
              </Stack>
            )}
          </Reply>
        </Section>
      </Stack>
      <Facts sensor={sensor} rate={sheet.data && sheet.data.total.accepted / minutes} />
    </Columns>
  );
}

function Facts({ sensor, rate }: { sensor: SensorDetail; rate: number | undefined }) {
  const health = HEALTH[useHealth(sensor)];
  const mayFind = useMay('events:read');
  return (
    <Section title={health.label}>
      <Stack>
        <p className="u-muted">{health.why}</p>
        <KeyValue
          facts={[
            ['Last record', sensor.last_seen_at ? <Time key="seen" at={sensor.last_seen_at} /> : 'never'],
            [
              'Accepted',
              rate === undefined ? null : `${rate > 0 && rate < 1 ? '< 1' : formatCompact(Math.round(rate))} a minute`,
            ],
            [
              'Expected',
              sensor.expected_interval ? `every ${formatDuration(sensor.expected_interval)}` : 'at no set interval',
            ],
            ['At most', sensor.rate_per_second ? `${sensor.rate_per_second} a second` : 'no limit of its own'],
            ['Format', formatLabel(sensor.format)],
            ['Zone', sensor.zone],
            ['Added', <Time key="added" at={sensor.created_at} />],
            [
              'Id',
              <span key="id" className="u-mono">
                {sensor.id}
              </span>,
            ],
          ]}
        />
        {mayFind && <EventsLink sensorId={sensor.id}>See its events</EventsLink>}
      </Stack>
    </Section>
  );
}
