import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatMinute, formatMoment } from '@/lib/zone';
import s from './Histogram.module.css';
import { type Bucket, Column, Handle, HEIGHT, type Series, Tip } from './HistogramParts';
import { SEVERITIES, severityLabel, severityName } from './severities';

/** From the first bucket to before the last, by their numbers. */
export type Range = readonly [from: number, to: number];

interface Props {
  buckets: readonly Bucket[];
  intervalMs: number;
  range: Range | null;
  onRange: (range: Range | null) => void;
  /** The pointer was let go, or a key pressed: this is the range. */
  onDone?: ((range: Range | null) => void) | undefined;
  /** What is counted, such as "Alerts". */
  of: string;
  /** Severities, where it is left out. The same array between renderings. */
  series?: readonly Series[];
}

// What is critical lies at the base, where it is compared best.
const BY_SEVERITY: readonly Series[] = SEVERITIES.map((key) => ({
  key,
  label: severityLabel(key),
  tone: severityName(key),
}));
const DAY = 86_400_000;

/** Volume over time. Dragging chooses a range, its ends are sliders for the keyboard, a click takes it back. */
export function Histogram({ buckets, intervalMs, range, onRange, onDone, of, series = BY_SEVERITY }: Props) {
  const { zone } = useLook();
  const plot = useRef<SVGSVGElement>(null);
  const dragged = useRef<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const totals = useMemo(
    () => buckets.map((bucket) => series.reduce((sum, { key }) => sum + (bucket.counts[key] ?? 0), 0)),
    [buckets, series],
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
    if (from !== null && here !== from) onRange([Math.min(from, here), Math.max(from, here)]);
  }
  const days = width * intervalMs > DAY;
  function timeOf(edge: number) {
    const at = (buckets[0]?.start ?? 0) + edge * intervalMs;
    return days ? formatMoment(at, zone).slice(5, 16) : formatMinute(at, zone);
  }
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
            const [from, here] = [dragged.current, at(event)];
            dragged.current = null;
            if (from === null) return;
            if (from === here) onRange(null);
            onDone?.(from === here ? null : [Math.min(from, here), Math.max(from, here)]);
          }}
          onPointerLeave={() => setHovered(null)}
        >
          {buckets.map((bucket, index) => (
            <Column
              key={bucket.start}
              bucket={bucket}
              series={series}
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
            onMove={(to) => {
              const moved: Range = end === 0 ? [to, range[1]] : [range[0], to];
              onRange(moved);
              onDone?.(moved);
            }}
          />
        ))}
        <span className={s.most} aria-hidden="true">
          {sum > 0 && formatCount(most)}
        </span>
        {hovered !== null && buckets[hovered] && (
          <Tip bucket={buckets[hovered]} series={series} at={hovered / width} said={timeOf(hovered)} />
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
