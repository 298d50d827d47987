import { formatSpan } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatIso, formatMoment, zoneLabel } from '@/lib/zone';
import s from './Time.module.css';
import { useNow } from './useNow';

/** A moment in the zone that was chosen, with its age beside it. */
export function Time({ at }: { at: string | number }) {
  return (
    <span className={s.time}>
      <Moment at={at} />
      <span className={s.age}>
        <Age at={at} />
      </span>
    </span>
  );
}

/** The same without its age. The head of its column names the zone: `useZoneLabel`. */
export function Moment({ at }: { at: string | number }) {
  const { zone } = useLook();
  const iso = formatIso(at, zone);
  return (
    <time className={s.clock} dateTime={iso} title={iso}>
      {formatMoment(at, zone)}
    </time>
  );
}

/** How long ago it was, in its largest unit; of what is to come, how long until then. */
export function Age({ at }: { at: string | number }) {
  const span = useNow() - new Date(at).getTime();
  return span < -1000 ? `in ${formatSpan(-span)}` : formatSpan(span);
}

/** What zone times are told in: UTC, CET. */
export function useZoneLabel(): string {
  return zoneLabel(useLook().zone);
}
