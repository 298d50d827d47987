import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { Reply } from '@/domain/Reply';
import { severityLabel, severityName } from '@/domain/severities';
import { useNow } from '@/domain/useNow';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatDay, formatMinute } from '@/lib/zone';
import { volumeQuery } from './queries';
import s from './Trend.module.css';
import { type Column, columns } from './trendColumns';

const HEIGHT = 100;
const DAY = 86_400_000;
const STEP = 10 * 60_000;
const ALL = ['new', 'acknowledged', 'in_progress', 'closed'] as const;

/** How many alerts there were over so many days, by severity. */
export function Trend({ days }: { days: number }) {
  const now = useNow(STEP);
  const [from, to] = [new Date(now - days * DAY).toISOString(), new Date(now + STEP).toISOString()];
  const volume = useQuery(volumeQuery(from, to));
  return (
    <Reply of={volume} lines={4}>
      {({ buckets, interval_seconds }) => {
        const shown = columns(buckets);
        const sum = shown.reduce((all, one) => all + one.total, 0);
        return (
          <figure className={s.figure} aria-label={`Alerts over ${days} days: ${formatCount(sum)}`}>
            <figcaption className={s.caption}>
              <Link to={PATHS.alerts} search={{ status: [...ALL], from, to }} className={s.sum}>
                {formatCount(sum)}
              </Link>
              alerts last seen in {days} days
            </figcaption>
            <Picture columns={shown} stepMs={interval_seconds * 1000} />
          </figure>
        );
      }}
    </Reply>
  );
}

function Picture({ columns, stepMs }: { columns: readonly Column[]; stepMs: number }) {
  const { zone } = useLook();
  const most = Math.max(0, ...columns.map((one) => one.total));
  const said = (at: string) =>
    stepMs < DAY ? `${formatDay(at, zone)} ${formatMinute(at, zone)}` : formatDay(at, zone);
  const ticks = [0, 0.25, 0.5, 0.75].map((share) => columns[Math.round(share * (columns.length - 1))]);
  return (
    <>
      <div className={s.plot}>
        <span className={s.most}>{formatCount(most)}</span>
        <svg
          className={s.svg}
          viewBox={`0 0 ${Math.max(1, columns.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {columns.map(({ start, parts, total }, x) => (
            <g key={start}>
              <title>{`${said(start)}: ${formatCount(total)}${parts.map((one) => `\n${severityLabel(one.severity)} ${formatCount(one.count)}`).join('')}`}</title>
              <rect className={s.hit} x={x} width="1" y="0" height={HEIGHT} />
              {parts.map((part) => (
                <rect
                  key={part.severity}
                  className={s.bar}
                  data-severity={severityName(part.severity)}
                  x={x + 0.1}
                  width="0.8"
                  y={HEIGHT - part.to * HEIGHT}
                  height={(part.to - part.from) * HEIGHT}
                />
              ))}
            </g>
          ))}
        </svg>
      </div>
      <div className={s.axis} aria-hidden="true">
        {ticks.map((one) => one && <span key={one.start}>{formatDay(one.start, zone).slice(5)}</span>)}
        <span>now</span>
      </div>
    </>
  );
}
