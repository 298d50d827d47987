import { type Range, spanOf } from '@/domain/list/range';

const DAY = 86_400_000;

/** What time a picture of a range is of: that which is asked for, with some around what was drawn or chosen. */
export function spanShown({ last, from, to }: Range, now: number): readonly [from: number, to: number] {
  if (last) return [now - (spanOf(last) ?? DAY), now];
  const end = to ? Math.min(Date.parse(to), now) : now;
  const start = from ? Date.parse(from) : end - DAY;
  if (start >= now - DAY && end >= now - DAY) return [now - DAY, now];
  const around = Math.max(60_000, (end - start) / 4);
  return [start - around, Math.min(now, end + around)];
}
