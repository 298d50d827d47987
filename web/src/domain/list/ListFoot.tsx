import { type ReactNode, useCallback, useState } from 'react';
import { formatCount } from '@/lib/format';
import { Kbd } from '@/ui/Kbd';
import s from './ListPage.module.css';

/** Numbers of the first and last row on screen, from 0; -1 where there are none. */
export type RowsShown = readonly [first: number, last: number];

/** Which rows are on screen, as the grid tells it. */
export function useRowsShown() {
  const [shown, setShown] = useState<RowsShown>([-1, -1]);
  const tell = useCallback(
    (first: number, last: number) =>
      setShown((before) => (before[0] === first && before[1] === last ? before : [first, last])),
    [],
  );
  return [shown, tell] as const;
}

interface Props {
  /** Keys, and what they do. */
  hints: readonly (readonly [keys: readonly string[], does: string])[];
  loading?: boolean;
  /** The next rows could not be read: tries again. */
  onRetry?: (() => void) | undefined;
  /** How many there are, and in what order. */
  children: ReactNode;
}

/** Where in the list one is, and which keys there are. */
export function ListFoot({ hints, loading = false, onRetry, children }: Props) {
  return (
    <footer className={s.foot}>
      {children}
      {loading && <span>Loading more…</span>}
      {onRetry && (
        <button type="button" className={s.retry} onClick={onRetry}>
          More could not be loaded. Try again
        </button>
      )}
      <span className={s.hints}>
        {hints.map(([keys, does]) => (
          <span key={does} className={s.hint}>
            {keys.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
            {does}
          </span>
        ))}
      </span>
    </footer>
  );
}

/** "Rows 1 to 18 of 935". */
export function RowsOf({ rows: [first, last], whole }: { rows: RowsShown; whole: string | undefined }) {
  if (first < 0) return null;
  return (
    <span>
      Rows {formatCount(first + 1)} to {formatCount(last + 1)}
      {whole && ` of ${whole}`}
    </span>
  );
}
