import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';
import { Kbd } from '@/ui/Kbd';
import s from './IncidentsPage.module.css';

/** The API counts no further. */
const MANY = 10_000;

type Hint = readonly [keys: readonly string[], does: string];

const READ: readonly Hint[] = [
  [['J', 'K'], 'move'],
  [['O'], 'open'],
];
const WRITE: readonly Hint[] = [
  [['A'], 'assign'],
  [['M'], 'take'],
  [['S'], 'status'],
  [['C'], 'close'],
  [['N'], 'new'],
];

interface Props {
  total: number | null;
  asOf: number | undefined;
  board: boolean;
  may: boolean;
}

/** How many there are, as of when, and by which keys one works. */
export function Foot({ total, asOf, board, may }: Props) {
  const { zone } = useLook();
  const own: Hint = board ? [['H', 'L'], 'move the card'] : [['X'], 'select'];
  const hints = [...READ, ...(may ? [own, ...WRITE] : []), [['B'], board ? 'table' : 'board'] as const];
  return (
    <footer className={s.foot}>
      <p className={s.total} role="status">
        {total !== null && `${formatCount(total)}${total >= MANY ? '+' : ''} incident${total === 1 ? '' : 's'}`}
        {asOf !== undefined && ` as of ${formatClock(asOf, zone)}`}
      </p>
      {hints.map(([keys, does]) => (
        <span key={does} className={s.hint}>
          {keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
          {does}
        </span>
      ))}
    </footer>
  );
}
