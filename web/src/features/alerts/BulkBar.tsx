import { Check, CircleCheck, ShieldPlus, Tag, UserPlus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Selection } from '@/domain/grid/selection';
import { Act, BulkBar as Bar } from '@/domain/list/BulkBar';
import { formatCount, formatTotal } from '@/lib/format';

type What = 'acknowledge' | 'assign' | 'close' | 'tag' | 'incident';

interface Props {
  selection: Selection;
  total: number | null;
  mayLink: boolean;
  busy: boolean;
  onAct: (what: What) => void;
}

const ACTS: readonly (readonly [what: What, label: string, icon: ReactNode, keys: string])[] = [
  ['acknowledge', 'Acknowledge', <Check key="sign" size={14} aria-hidden="true" />, 'E'],
  ['assign', 'Assign', <UserPlus key="sign" size={14} aria-hidden="true" />, 'A'],
  ['incident', 'Incident', <ShieldPlus key="sign" size={14} aria-hidden="true" />, 'I'],
  ['tag', 'Tag', <Tag key="sign" size={13} aria-hidden="true" />, 'T'],
  ['close', 'Close', <CircleCheck key="sign" size={14} aria-hidden="true" />, 'C'],
];

/** What can be done with all that is selected; the same, whether some are or all. */
export function BulkBar({ selection, total, mayLink, busy, onAct }: Props) {
  const all = selection.allSince !== undefined;
  const count = selection.ids.size;
  return (
    <Bar
      label="Selected alerts"
      count={all ? `All ${total === null ? '' : formatTotal(total)} selected` : `${formatCount(count)} selected`}
      more={
        !all &&
        total !== null &&
        total > count && (
          <button type="button" className="u-link" onClick={selection.all}>
            Select all {formatTotal(total)}
          </button>
        )
      }
      onClear={selection.clear}
    >
      {ACTS.filter(([what]) => mayLink || what !== 'incident').map(([what, label, icon, keys]) => (
        <Act key={what} icon={icon} keys={keys} busy={busy} onAct={() => onAct(what)}>
          {label}
        </Act>
      ))}
    </Bar>
  );
}
