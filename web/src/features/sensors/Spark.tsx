import { formatCount } from '@/lib/format';
import { type everyMinute, gathered } from './healthOf';
import s from './Spark.module.css';

const BARS = 30;
const HEIGHT = 20;

/** An hour of a sensor in the height of a row; what it says is in its name too. */
export function Spark({ minutes }: { minutes: ReturnType<typeof everyMinute> }) {
  const sums = gathered(minutes, BARS).map((group) => ({
    start: group.start,
    sum: group.minutes.reduce((sum, one) => sum + one.accepted, 0),
  }));
  const most = Math.max(1, ...sums.map((one) => one.sum));
  const total = sums.reduce((all, one) => all + one.sum, 0);
  return (
    <svg
      className={s.spark}
      viewBox={`0 0 ${Math.max(1, sums.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${formatCount(total)} records in the last hour`}
    >
      {sums.map(({ start, sum }, at) => {
        const height = sum === 0 ? 1 : Math.max(2, (sum / most) * HEIGHT);
        return (
          <rect
            key={start}
            data-empty={sum === 0 ? '' : undefined}
            x={at + 0.12}
            width={0.76}
            y={HEIGHT - height}
            height={height}
          />
        );
      })}
    </svg>
  );
}
