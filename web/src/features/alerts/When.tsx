import { Age } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { formatSpan } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatClock, formatDay, formatIso, formatMoment } from '@/lib/zone';
import s from './columns.module.css';

const MINUTE = 60_000;

/** The clock of what is of today, the day and minute of what is older, with its age. */
export function When({ at }: { at: string }) {
  const { zone } = useLook();
  const today = formatDay(useNow(MINUTE), zone) === formatDay(at, zone);
  const iso = formatIso(at, zone);
  return (
    <span className={s.when}>
      <time className={s.mono} dateTime={iso} title={iso}>
        {today ? formatClock(at, zone) : formatMoment(at, zone).slice(5, 16)}
      </time>
      <span className={s.age}>
        <Age at={at} />
      </span>
    </span>
  );
}

/** How long there is until somebody has to acknowledge it, or for how long that is past. */
export function Due({ at }: { at: string | null | undefined }) {
  const now = useNow(MINUTE / 4);
  if (!at) return null;
  const left = new Date(at).getTime() - now;
  return (
    <span
      className={s.due}
      data-late={left < 0 ? '' : undefined}
      title={left < 0 ? 'It should have been acknowledged' : 'To be acknowledged until then'}
    >
      {left < 0 ? `${formatSpan(-left)} late` : `in ${formatSpan(left)}`}
    </span>
  );
}
