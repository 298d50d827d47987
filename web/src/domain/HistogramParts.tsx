import type { KeyboardEvent } from 'react';
import { formatCount } from '@/lib/format';
import s from './Histogram.module.css';

/** Of the drawing, in units of its own. */
export const HEIGHT = 100;

export interface Bucket {
  /** Milliseconds since 1970. */
  start: number;
  /** By the key of what is counted apart; what is not there is 0. */
  counts: Readonly<Record<number | string, number>>;
}

/** What is counted apart, from the base up. */
export interface Series {
  key: number | string;
  label: string;
  tone: string;
}

interface ColumnProps {
  bucket: Bucket;
  series: readonly Series[];
  x: number;
  most: number;
  dim: boolean;
}

/** One bucket, what is counted apart one above the other. */
export function Column({ bucket, series, x, most, dim }: ColumnProps) {
  let top = HEIGHT;
  return (
    <g data-dim={dim ? '' : undefined}>
      {series.map(({ key, tone }) => {
        const height = ((bucket.counts[key] ?? 0) / most) * (HEIGHT - 2);
        top -= height;
        return (
          height > 0 && (
            <rect
              key={key}
              className={s.bar}
              data-tone={tone}
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

/** An end of the range, to be moved with the keyboard. */
export function Handle({ label, edge, least, most, width, said, onMove }: HandleProps) {
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

/** What the bucket under the pointer holds. */
export function Tip({
  bucket,
  series,
  at,
  said,
}: {
  bucket: Bucket;
  series: readonly Series[];
  at: number;
  said: string;
}) {
  const there = series.filter(({ key }) => (bucket.counts[key] ?? 0) > 0);
  return (
    <div className={s.tip} data-side={at > 0.7 ? 'left' : 'right'} style={{ left: `${at * 100}%` }}>
      <strong>{said}</strong>{' '}
      {there.map(({ key, label }) => `${label} ${formatCount(bucket.counts[key] ?? 0)}`).join(' · ') || 'nothing'}
    </div>
  );
}
