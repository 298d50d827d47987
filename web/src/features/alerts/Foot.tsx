import { formatCount } from '@/lib/format';
import { Kbd } from '@/ui/Kbd';
import s from './AlertsPage.module.css';
import { saidOf } from './Summary';

const ORDERS: Readonly<Record<string, readonly [down: string, up: string]>> = {
  risk: ['Riskiest first', 'Least risky first'],
  severity: ['Most severe first', 'Least severe first'],
  last_seen: ['Newest first', 'Oldest first'],
  first_seen: ['Latest begun first', 'First begun first'],
  created_at: ['Latest opened first', 'First opened first'],
  updated_at: ['Latest changed first', 'First changed first'],
  count: ['Most events first', 'Fewest events first'],
};

interface Props {
  /** Numbers of the first and last row on screen, from 0; -1 where there are none. */
  view: readonly [first: number, last: number];
  total: number | null;
  sort: string;
  loading: boolean;
  /** The next rows could not be read: tries again. */
  onRetry: (() => void) | undefined;
}

/** Where in the list one is, and which keys there are. */
export function Foot({ view: [first, last], total, sort, loading, onRetry }: Props) {
  const by = sort.replace('-', '');
  const order = ORDERS[by]?.[sort.startsWith('-') ? 0 : 1];
  return (
    <footer className={s.foot}>
      {first >= 0 && (
        <span>
          Rows {formatCount(first + 1)} to {formatCount(last + 1)}
          {total !== null && ` of ${saidOf(Math.max(total, last + 1))}`}
        </span>
      )}
      <span>{order}</span>
      {loading && <span>Loading more…</span>}
      {onRetry && (
        <button type="button" className={s.retry} onClick={onRetry}>
          More could not be loaded. Try again
        </button>
      )}
      <span className={s.hints}>
        <Hint keys={['J', 'K']}>move</Hint>
        <Hint keys={['X']}>select</Hint>
        <Hint keys={['↵']}>open</Hint>
        <Hint keys={['E']}>acknowledge</Hint>
        <Hint keys={['.']}>show new</Hint>
        <Hint keys={['?']}>all shortcuts</Hint>
      </span>
    </footer>
  );
}

function Hint({ keys, children }: { keys: readonly string[]; children: string }) {
  return (
    <span className={s.hint}>
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
      {children}
    </span>
  );
}
