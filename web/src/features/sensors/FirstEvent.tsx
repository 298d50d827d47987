import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { sensorQuery } from '@/domain/sensors';
import { useMay } from '@/domain/session';
import { Age, Moment } from '@/domain/Time';
import { useRefresh } from '@/domain/useRefresh';
import { formatCount, words } from '@/lib/format';
import { progressOf } from './first';
import { latestEventQuery, type Sensor, sheetQuery } from './queries';
import s from './Sensors.module.css';

const EVERY_MS = 2_000;
const MINUTES = 60;

/** Listens until the first event is there, and says meanwhile how far the records have come. */
export function FirstEvent({ sensor }: { sensor: Sensor }) {
  const mayFind = useMay('events:read');
  useRefresh('sensor', [['sensors', 'one', sensor.id]], { id: sensor.id });
  const latest = useQuery({
    ...latestEventQuery(sensor.id),
    enabled: mayFind,
    refetchInterval: ({ state }) => (state.data ? false : EVERY_MS),
  });
  const sheet = useQuery({ ...sheetQuery(sensor.id, MINUTES), refetchInterval: latest.data ? false : EVERY_MS });
  const detail = useQuery({ ...sensorQuery(sensor.id), refetchInterval: latest.data ? false : EVERY_MS });
  const used = detail.data?.keys.some((key) => key.last_used_at !== null) ?? false;
  const progress = progressOf(latest.data ?? null, sheet.data?.total, used);
  const { total } = sheet.data ?? {};
  switch (progress) {
    case 'listening':
      return (
        <Shown
          state={progress}
          icon={<span className={s.pulse} aria-hidden="true" />}
          title="Listening for the first event…"
        >
          Nothing has come yet, for <Age at={sensor.created_at} />. Run the command above.
        </Shown>
      );
    case 'knocked':
      return (
        <Shown state={progress} icon={<span className={s.pulse} aria-hidden="true" />} title="The sender has been here">
          Its key was used; its records are on their way.
        </Shown>
      );
    case 'refused':
      return (
        <Shown state={progress} icon={<TriangleAlert size={16} aria-hidden="true" />} title="What came was refused">
          {Object.entries(total?.refused ?? {})
            .map(([reason, count]) => `${words(reason)}: ${formatCount(count)}`)
            .join(', ')}
          . The sender is told why in the reply.
        </Shown>
      );
    case 'unreadable':
      return (
        <Shown
          state={progress}
          icon={<TriangleAlert size={16} aria-hidden="true" />}
          title={`${formatCount(total?.quarantined ?? 0)} came, and could not be read`}
          action={<QuarantineLink sensorId={sensor.id} />}
        >
          They wait in quarantine, and nothing of them is lost.
        </Shown>
      );
    case 'stored':
      return (
        <Shown
          state="seen"
          icon={<CircleCheck size={16} aria-hidden="true" />}
          title={`${formatCount(total?.stored ?? 0)} stored`}
        >
          Records come and are kept.
        </Shown>
      );
    case 'seen': {
      const event = latest.data;
      return (
        <Shown
          state={progress}
          icon={<CircleCheck size={16} aria-hidden="true" />}
          title={event?.title ?? 'The first event is there'}
          action={event && <EventLink sensorId={sensor.id} alertId={event.alert_id} />}
        >
          First event seen
          {event && (
            <>
              , of <Moment at={event.time} />
            </>
          )}
          . The sensor is connected.
        </Shown>
      );
    }
  }
}

function Shown({
  state,
  icon,
  title,
  children,
  action,
}: {
  state: string;
  icon: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={s.wait} data-state={state} role="status">
      {icon}
      <div>
        <strong>{title}</strong>
        <p className="u-subtle">{children}</p>
      </div>
      {action}
    </div>
  );
}

function EventLink({ sensorId, alertId }: { sensorId: string; alertId: string | null }) {
  if (alertId)
    return (
      <Link to={PATHS.alert} params={{ alertId }} className="u-link">
        Open its alert
      </Link>
    );
  return <EventsLink sensorId={sensorId}>See its events</EventsLink>;
}

/** To all that came of a sensor. */
export function EventsLink({ sensorId, children }: { sensorId: string; children: ReactNode }) {
  return (
    <Link to={PATHS.explorer} search={{ query: `sensor_id:"${sensorId}"` }} className="u-link">
      {children}
    </Link>
  );
}

function QuarantineLink({ sensorId }: { sensorId: string }) {
  const may = useMay('quarantine:read');
  return may ? (
    <Link to={PATHS.quarantine} search={{ sensor: sensorId }} className="u-link">
      Look at them
    </Link>
  ) : null;
}
