import { useState } from 'react';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatMinute } from '@/lib/zone';
import { PARTS } from './accounts';
import s from './Flow.module.css';
import { everyMinute, gathered } from './healthOf';
import type { Account, Sheet } from './queries';

const BARS = 60;
const HEIGHT = 100;

/** Records by what became of them, over the minutes in which they came. */
export function Flow({ sheet }: { sheet: Sheet }) {
  const { zone } = useLook();
  const [hovered, setHovered] = useState<number | null>(null);
  const groups = gathered(everyMinute(sheet.minutes ?? [], sheet.from, sheet.to), BARS).map((group) => ({
    start: group.start,
    counts: PARTS.map(({ name }) => group.minutes.reduce((sum, one) => sum + one[name], 0)),
  }));
  const most = Math.max(1, ...groups.map(({ counts }) => sumOf(counts)));
  const shown = hovered === null ? undefined : groups[hovered];
  return (
    <figure className={s.figure} aria-label={said(sheet.total)}>
      <figcaption className={s.caption}>
        {shown ? (
          <>
            <strong>{formatMinute(shown.start, zone)}</strong>{' '}
            {PARTS.map(({ label }, at) => [label, shown.counts[at] ?? 0] as const)
              .filter(([, count]) => count > 0)
              .map(([label, count]) => `${label} ${formatCount(count)}`)
              .join(' · ') || 'nothing'}
          </>
        ) : (
          `at most ${formatCount(most)} in ${minutesOf(groups)}`
        )}
      </figcaption>
      <svg
        className={s.plot}
        viewBox={`0 0 ${Math.max(1, groups.length)} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerLeave={() => setHovered(null)}
      >
        {groups.map(({ start, counts }, at) => (
          <Bar key={start} counts={counts} most={most} at={at} onHover={() => setHovered(at)} />
        ))}
      </svg>
      <div className={s.axis} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share}>{formatMinute(Date.parse(sheet.from) + share * spanOf(sheet), zone)}</span>
        ))}
      </div>
    </figure>
  );
}

function Bar({
  counts,
  most,
  at,
  onHover,
}: {
  counts: readonly number[];
  most: number;
  at: number;
  onHover: () => void;
}) {
  let top = HEIGHT;
  return (
    <g className={s.column} onPointerEnter={onHover}>
      <rect className={s.ground} x={at} y="0" width="1" height={HEIGHT} />
      {PARTS.map(({ name }, part) => {
        const height = ((counts[part] ?? 0) / most) * (HEIGHT - 2);
        top -= height;
        return (
          height > 0 && (
            <rect key={name} data-part={name} x={at + 0.1} y={top} width="0.8" height={Math.max(0.8, height)} />
          )
        );
      })}
    </g>
  );
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);
const spanOf = (sheet: Sheet): number => Date.parse(sheet.to) - Date.parse(sheet.from);

function minutesOf(groups: readonly { start: number }[]): string {
  const minutes = Math.round(((groups[1]?.start ?? 60_000) - (groups[0]?.start ?? 0)) / 60_000);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function said(account: Account): string {
  return `Records over time: ${formatCount(account.accepted)} accepted, ${formatCount(account.stored)} stored, ${formatCount(account.quarantined)} in quarantine`;
}
