import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import s from './BulkBar.module.css';

interface Props {
  /** As in "Selected alerts". */
  label: string;
  /** How many are selected. */
  count: string;
  /** What selects more of them. */
  more?: ReactNode;
  onClear: () => void;
  children: ReactNode;
}

/** What can be done with all that is selected, over the last rows of the list. */
export function BulkBar({ label, count, more, onClear, children }: Props) {
  return (
    <section className={s.bar} aria-label={label}>
      <p className={s.count} role="status">
        {count}
      </p>
      {more}
      <span className={s.line} />
      {children}
      <span className={s.line} />
      <IconButton label="Clear the selection" onClick={onClear}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}

interface ActProps {
  icon: ReactNode;
  keys?: string;
  /** Why it cannot be done now. */
  why?: string | undefined;
  busy?: boolean;
  onAct: () => void;
  children: string;
}

/** One of these things, with its key. */
export const Act = ({ icon, keys, why, busy = false, onAct, children }: ActProps) => (
  <Button variant="ghost" busy={busy} disabled={why !== undefined} title={why} onClick={onAct}>
    {icon}
    {children}
    {keys && <Kbd>{keys}</Kbd>}
  </Button>
);
