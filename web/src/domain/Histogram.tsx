import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatMinute } from '@/lib/zone';
import s from './Histogram.module.css';
import { severityLabel, severityName } from './severity';

interface Bucket {
  /** Milliseconds since 1970. */
  start: number;
  /** By severity; what is not there is 0. */
  counts: Readonly<Record<number, number>>;
}

/** From the first bucket to before the last, by their numbers. */
export type Range = readonly [from: number, to: number];

interface Props {
  buckets: readonly Bucket[];
  intervalMs: number;
  range: Range | null;
  onRange: (range: Range | null) => void;
  /** What is counted, such as "Alerts". */
  of: string;
}

// What is critical lies at the base, where it is compared best.
const STACK = [5, 4, 3, 2, 1];
const HEIGHT = 100;

/** Volume over time. Dragging chooses a range, its ends are sliders for the keyboard, a click takes it back. */
export function Histogram({ buckets, intervalMs, range: chosen, onRange, of }: Props) {
  const { zone } = useLook();
  const plot = useRef<SVGSVGElement>(null);
  const dragged = useRef<number | null>(null);
  const [drawn, setDrawn] = useState<Range | null>(null);
  const range = drawn ?? chosen;
  const [hovered, setHovered] = useState<number | null>(null);
  const totals = useMemo(
    () => buckets.map((bucket) => STACK.reduce((sum, one) => sum + (bucket.counts[one] ?? 0), 0)),
    [buckets],
  );
  const most = Math.max(1, ...totals);
  const width = buckets.length;

  function at(event: PointerEvent): number {
    const box = plot.current?.getBoundingClientRect();
    return box ? Math.max(0, Math.min(width, Math.round(((event.clientX - box.left) / box.width) * width))) : 0;
  }
  function move(event: PointerEvent) {
    const here = at(event);
    setHovered(Math.min(width - 1, here));
    const from = dragged.current;
    // It is asked for once, when the hand lets go.
    if (from !== null) setDrawn(here === from ? null : [Math.min(from, here), Math.max(from, here)]);
  }
  const timeOf = (edge: number) => formatMinute((buckets[0]?.start ?? 0) + edge * intervalMs, zone);
  const sum = totals.reduce((one, other) => one + other, 0);

  return (
    <figure
      className={s.figure}
      aria-label={`${of} over time: ${formatCount(sum)}, at most ${formatCount(most)} at once`}
    >
      <div className={s.plot}>
        <svg
          ref={plot}
          className={s.svg}
          viewBox={`0 0 ${Math.max(1, width)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerDown={(event) => {
            dragged.current = at(event);
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={move}
          onPointerUp={(event) => {
            if (dragged.current === at(event)) onRange(null);
            else if (drawn) onRange(drawn);
            dragged.current = null;
            setDrawn(null);
          }}
          onPointerCancel={() => {
            dragged.current = null;
            setDrawn(null);
          }}
          onPointerLeave={() => setHovered(null)}
        >
          {buckets.map((bucket, index) => (
            <Column
              key={bucket.start}
              bucket={bucket}
              x={index}
              most={most}
              dim={range !== null && (index < range[0] || index >= range[1])}
            />
          ))}
          {range && <rect className={s.range} x={range[0]} width={range[1] - range[0]} y="0" height={HEIGHT} />}
        </svg>
        {range?.map((edge, end) => (
          <Handle
            key={end === 0 ? 'from' : 'to'}
            label={end === 0 ? 'Range start' : 'Range end'}
            edge={edge}
            least={end === 0 ? 0 : range[0] + 1}
            most={end === 0 ? range[1] - 1 : width}
            width={width}
            said={timeOf(edge)}
            onMove={(to) => onRange(end === 0 ? [to, range[1]] : [range[0], to])}
          />
        ))}
        <span className={s.most} aria-hidden="true">
          {formatCount(most)}
        </span>
        {hovered !== null && buckets[hovered] && (
          <Tip bucket={buckets[hovered]} at={hovered / width} said={timeOf(hovered)} />
        )}
      </div>
      <div className={s.axis} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75].map((share) => (
          <span key={share}>{timeOf(Math.round(share * width))}</span>
        ))}
        <span>{timeOf(width)}</span>
      </div>
    </figure>
  );
}

function Column({ bucket, x, most, dim }: { bucket: Bucket; x: number; most: number; dim: boolean }) {
  let top = HEIGHT;
  return (
    <g data-dim={dim ? '' : undefined}>
      {STACK.map((severity) => {
        const height = ((bucket.counts[severity] ?? 0) / most) * (HEIGHT - 2);
        top -= height;
        return (
          height > 0 && (
            <rect
              key={severity}
              className={s.bar}
              data-severity={severityName(severity)}
              x={x + 0.11}
              width={0.78}
              y={top}
              height={Math.max(0.6, height - 0.9)}
            />
          )
        );
      })}
    </g>
  );
}

interface HandleProps {
  label: string;
  edge: number;
  least: number;
  most: number;
  width: number;
  said: string;
  onMove: (edge: number) => void;
}

function Handle({ label, edge, least, most, width, said, onMove }: HandleProps) {
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onMove(Math.max(least, Math.min(most, edge + step)));
  }
  return (
    <button
      type="button"
      className={s.handle}
      role="slider"
      aria-label={label}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={edge}
      aria-valuetext={said}
      style={{ left: `${(edge / width) * 100}%` }}
      onKeyDown={onKeyDown}
    />
  );
}

function Tip({ bucket, at, said }: { bucket: Bucket; at: number; said: string }) {
  const there = STACK.filter((severity) => (bucket.counts[severity] ?? 0) > 0);
  return (
    <div className={s.tip} data-side={at > 0.7 ? 'left' : 'right'} style={{ left: `${at * 100}%` }}>
      <strong>{said}</strong>{' '}
      {there.map((severity) => `${severityLabel(severity)} ${formatCount(bucket.counts[severity] ?? 0)}`).join(' · ') ||
        'nothing'}
    </div>
  );
}
