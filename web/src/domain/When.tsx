import { useLook } from '@/lib/look';
import { formatClock, formatDay, formatIso, formatMoment } from '@/lib/zone';
import { Age } from './Time';
import { useNow } from './useNow';
import s from './When.module.css';

const MINUTE = 60_000;

/** In a column: the clock of what is of today, day and minute of what is older, with its age. */
export function When({ at }: { at: string }) {
  const { zone } = useLook();
  const today = formatDay(useNow(MINUTE), zone) === formatDay(at, zone);
  const iso = formatIso(at, zone);
  return (
    <span className={s.when}>
      <time className={s.clock} dateTime={iso} title={iso}>
        {today ? formatClock(at, zone) : formatMoment(at, zone).slice(5, 16)}
      </time>
      <span className={s.age}>
        <Age at={at} />
      </span>
    </span>
  );
}
