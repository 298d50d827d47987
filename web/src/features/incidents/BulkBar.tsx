import { ArrowRightLeft, Merge, Signal, Tag, UserPlus, UserRoundCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Act, BulkBar as Bar } from '@/domain/list/BulkBar';
import type { Asked } from './Dialogs';

type What = Asked['what'] | 'take';

interface Props {
  count: number;
  onAct: (what: What) => void;
  onClear: () => void;
}

const ACTS: readonly (readonly [what: What, label: string, icon: ReactNode, keys?: string])[] = [
  ['assign', 'Assign', <UserPlus key="sign" size={14} aria-hidden="true" />, 'A'],
  ['take', 'Take', <UserRoundCheck key="sign" size={14} aria-hidden="true" />, 'M'],
  ['move', 'Move', <ArrowRightLeft key="sign" size={14} aria-hidden="true" />, 'S'],
  ['severity', 'Severity', <Signal key="sign" size={14} aria-hidden="true" />, 'V'],
  ['tag', 'Tag', <Tag key="sign" size={13} aria-hidden="true" />, 'T'],
  ['merge', 'Merge', <Merge key="sign" size={14} aria-hidden="true" />],
];

/** What can be done with all that is selected. Each is closed for itself, for each has its own end. */
export function BulkBar({ count, onAct, onClear }: Props) {
  return (
    <Bar label="Selected incidents" count={`${count} selected`} onClear={onClear}>
      {ACTS.map(([what, label, icon, keys]) => (
        <Act
          key={what}
          icon={icon}
          {...(keys && { keys })}
          why={what === 'merge' && count < 2 ? 'Select two at least' : undefined}
          onAct={() => onAct(what)}
        >
          {label}
        </Act>
      ))}
    </Bar>
  );
}
