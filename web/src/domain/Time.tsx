import { formatSpan } from '@/lib/format';
import s from './Time.module.css';
import { useNow } from './useNow';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: 'UTC' });

/** A moment with its age beside it. */
export function Time({ at }: { at: string }) {
  const moment = new Date(at);
  return (
    <time className={s.time} dateTime={at} title={at}>
      <span className={s.clock}>
        {day.format(moment)} {clock.format(moment)}
      </span>
      <Age since={moment.getTime()} />
    </time>
  );
}

function Age({ since }: { since: number }) {
  return <span className={s.age}>{formatSpan(useNow() - since)}</span>;
}
