import { ListFoot } from '@/domain/list/ListFoot';
import { formatTotal } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';

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
  loading: boolean;
  /** The next rows could not be read. */
  onRetry: (() => void) | undefined;
}

/** How many there are, as of when, and by which keys one works. */
export function Foot({ total, asOf, board, may, ...more }: Props) {
  const { zone } = useLook();
  const own: Hint = board ? [['H', 'L'], 'move the card'] : [['X'], 'select'];
  const hints = [...READ, ...(may ? [own, ...WRITE] : []), [['B'], board ? 'table' : 'board'] as const];
  return (
    <ListFoot hints={hints} {...more}>
      <p role="status">
        {total !== null && `${formatTotal(total)} incident${total === 1 ? '' : 's'}`}
        {asOf !== undefined && ` as of ${formatClock(asOf, zone)}`}
      </p>
    </ListFoot>
  );
}
