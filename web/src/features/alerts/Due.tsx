import { useNow } from '@/domain/useNow';
import { formatSpan } from '@/lib/format';
import s from './columns.module.css';

const MINUTE = 60_000;

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
