import { useQuery } from '@tanstack/react-query';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatDay, formatMinute } from '@/lib/zone';
import s from './Effect.module.css';
import { whenQuery } from './queries';

interface Props {
  query: string;
  from: string;
  to: string;
  windowed: boolean;
}

/** When the events were that match, as bars. */
export function When({ query, from, to, windowed }: Props) {
  const { data } = useQuery(whenQuery(query, from, to));
  const { zone } = useLook();
  if (!data) return null;
  const counts = data.buckets.map((one) => one.alert + one.telemetry);
  const most = Math.max(1, ...counts);
  const said = (at: string) => `${formatDay(at, zone)} ${formatMinute(at, zone)}`;
  return (
    <figure className={s.when} aria-label={`Events over time, at most ${formatCount(most)} at once`}>
      <div className={s.bars} aria-hidden="true">
        {data.buckets.map((one, at) => (
          <span
            key={one.start}
            className={s.bar}
            title={`${said(one.start)}: ${formatCount(counts[at] ?? 0)}`}
            style={{ blockSize: `${((counts[at] ?? 0) / most) * 100}%` }}
          />
        ))}
      </div>
      <figcaption className={s.axis}>
        <span>{said(from)}</span>
        <span>
          {windowed ? 'All that match; only those in a window are hidden' : `at most ${formatCount(most)} at once`}
        </span>
        <span>{said(to)}</span>
      </figcaption>
    </figure>
  );
}
