import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { useMay } from '@/domain/session';
import { Age } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { KeyValue } from '@/ui/KeyValue';
import { Stack } from '@/ui/Page';
import s from './Lists.module.css';
import type { Dashboard } from './queries';

/** Sensors of which nothing comes, though it should. */
export function Quiet({ sensors }: { sensors: NonNullable<Dashboard['sensors']> }) {
  const more = sensors.silent - sensors.silent_sensors.length;
  return (
    <>
      {sensors.silent === 0 && (
        <p className={s.none}>
          {sensors.active === 0
            ? 'There is no active sensor yet.'
            : `All ${formatCount(sensors.active)} active sensors are heard of.`}
        </p>
      )}
      <ul className={s.list}>
        {sensors.silent_sensors.map((one) => (
          <li key={one.id} className={s.line}>
            <Link to={PATHS.sensor} params={{ sensorId: one.id }} className={s.title}>
              {one.name}
            </Link>
            <span className={s.side} data-soon="">
              {one.last_seen_at ? (
                <>
                  quiet for <Age at={one.last_seen_at} />
                </>
              ) : (
                'never heard of'
              )}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className={s.none}>
          <Link to={PATHS.sensors} className="u-link">
            {formatCount(more)} more
          </Link>
        </p>
      )}
    </>
  );
}

/** What came in a day, and what became of it: the two have to be the same. */
export function Balance({ pipeline: one }: { pipeline: NonNullable<Dashboard['pipeline']> }) {
  const mayQuarantine = useMay('quarantine:read');
  const quarantined = mayQuarantine ? (
    <Link to={PATHS.quarantine} className="u-link">
      {formatCount(one.quarantined)}
    </Link>
  ) : (
    formatCount(one.quarantined)
  );
  return (
    <Stack gap="sm">
      <KeyValue
        facts={[
          ['Received', formatCount(one.accepted + one.unreported)],
          ['Stored', formatCount(one.stored)],
          ['Duplicates', formatCount(one.duplicate)],
          ['Quarantined', quarantined],
          ['Discarded', one.discarded > 0 ? formatCount(one.discarded) : null],
          ['On the way', formatCount(one.in_flight_or_parked)],
        ]}
      />
      {one.in_flight_or_parked > 0 && (
        <Banner tone="info">On the way is what the last minute brought. A number that stays is worth a look.</Banner>
      )}
    </Stack>
  );
}
