import s from './Progress.module.css';

/** How far something is, as a bar with its figures told. `value` and `max` are of the same unit. */
export function Progress({ label, value, max }: { label: string; value: number; max: number }) {
  return <progress className={s.progress} aria-label={label} value={Math.min(value, max)} max={Math.max(max, 1)} />;
}
