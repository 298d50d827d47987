import s from './Skeleton.module.css';

/** So many lines that are on their way; told as such to those who do not see it. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div className={s.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike
        <div key={line} className={s.line} />
      ))}
    </div>
  );
}
