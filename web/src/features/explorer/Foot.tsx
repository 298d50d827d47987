import { formatCount } from '@/lib/format';
import { Kbd } from '@/ui/Kbd';
import s from './Explorer.module.css';
import type { Explorer } from './useExplorer';

interface Props {
  explorer: Explorer;
  /** Numbers of the first and last row on screen, from 0; -1 where there are none. */
  view: readonly [first: number, last: number];
}

/** Where in the list one is, and which keys there are. */
export function Foot({ explorer, view: [first, last] }: Props) {
  const { list, whole } = explorer;
  return (
    <footer className={s.foot}>
      {first >= 0 && (
        <span>
          Rows {formatCount(first + 1)} to {formatCount(last + 1)}
          {whole && ` of ${whole}`}
        </span>
      )}
      <span>Latest first</span>
      {list.isFetchingNextPage && <span>Loading more…</span>}
      {list.isFetchNextPageError && (
        <button type="button" className={s.retry} onClick={() => void list.fetchNextPage()}>
          More could not be loaded. Try again
        </button>
      )}
      <span className={s.hints}>
        <Hint keys={['J', 'K']}>move</Hint>
        <Hint keys={['↵']}>open</Hint>
        <Hint keys={['←', '→']}>cell</Hint>
        <Hint keys={['F']}>filter</Hint>
        <Hint keys={['/']}>search</Hint>
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
