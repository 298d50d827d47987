import { ArrowRightLeft, Merge, Signal, Tag, UserPlus, UserRoundCheck, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import s from './BulkBar.module.css';
import type { Asked } from './Dialogs';

type What = Asked['what'] | 'take';

interface Props {
  count: number;
  onAct: (what: What) => void;
  onClear: () => void;
}

/** What can be done with all that is selected. Each is closed for itself, for each has its own end. */
export function BulkBar({ count, onAct, onClear }: Props) {
  const act = (what: What, label: string, icon: ReactNode, key?: string, why?: string) => (
    <Button variant="ghost" disabled={why !== undefined} title={why} onClick={() => onAct(what)}>
      {icon}
      {label}
      {key && <Kbd>{key}</Kbd>}
    </Button>
  );
  return (
    <section className={s.bar} aria-label="Selected incidents">
      <p className={s.count} role="status">
        {count} selected
      </p>
      {act('assign', 'Assign', <UserPlus size={14} aria-hidden="true" />, 'A')}
      {act('take', 'Take', <UserRoundCheck size={14} aria-hidden="true" />, 'M')}
      {act('move', 'Move', <ArrowRightLeft size={14} aria-hidden="true" />, 'S')}
      {act('severity', 'Severity', <Signal size={14} aria-hidden="true" />, 'V')}
      {act('tag', 'Tag', <Tag size={13} aria-hidden="true" />, 'T')}
      {act(
        'merge',
        'Merge',
        <Merge size={14} aria-hidden="true" />,
        undefined,
        count < 2 ? 'Select two at least' : undefined,
      )}
      <IconButton label="Clear the selection" onClick={onClear}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}
