import { ListFoot, RowsOf, type RowsShown } from '@/domain/list/ListFoot';
import { formatTotal } from '@/lib/format';

const ORDERS: Readonly<Record<string, readonly [down: string, up: string]>> = {
  risk: ['Riskiest first', 'Least risky first'],
  severity: ['Most severe first', 'Least severe first'],
  last_seen: ['Newest first', 'Oldest first'],
  first_seen: ['Latest begun first', 'First begun first'],
  created_at: ['Latest opened first', 'First opened first'],
  updated_at: ['Latest changed first', 'First changed first'],
  count: ['Most events first', 'Fewest events first'],
};

const HINTS = [
  [['J', 'K'], 'move'],
  [['X'], 'select'],
  [['↵'], 'open'],
  [['E'], 'acknowledge'],
  [['.'], 'show new'],
  [['?'], 'all shortcuts'],
] as const;

interface Props {
  rows: RowsShown;
  total: number | null;
  sort: string;
  loading: boolean;
  onRetry: (() => void) | undefined;
}

/** Where in the list one is, and in what order it stands. */
export function Foot({ rows, total, sort, ...more }: Props) {
  return (
    <ListFoot hints={HINTS} {...more}>
      <RowsOf rows={rows} whole={total === null ? undefined : formatTotal(Math.max(total, rows[1] + 1))} />
      <span>{ORDERS[sort.replace('-', '')]?.[sort.startsWith('-') ? 0 : 1]}</span>
    </ListFoot>
  );
}
