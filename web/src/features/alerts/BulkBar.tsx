import { Check, ShieldPlus, Tag, UserPlus, X } from 'lucide-react';
import type { Selection } from '@/domain/grid/selection';
import { formatCount, formatTotal } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import s from './BulkBar.module.css';

type Many = 'acknowledge' | 'assign' | 'close' | 'tag' | 'incident';

interface Props {
  selection: Selection;
  total: number | null;
  mayLink: boolean;
  busy: boolean;
  onAct: (what: Many) => void;
}

/** What can be done with all that is selected; the same, whether some are or all. */
export function BulkBar({ selection, total, mayLink, busy, onAct }: Props) {
  const all = selection.allSince !== undefined;
  const count = selection.ids.size;
  return (
    <section className={s.bar} aria-label="Selected alerts">
      <p className={s.count} role="status">
        {all ? `All ${total === null ? '' : formatTotal(total)} selected` : `${formatCount(count)} selected`}
      </p>
      {!all && total !== null && total > count && (
        <button type="button" className={s.all} onClick={selection.all}>
          Select all {formatTotal(total)}
        </button>
      )}
      <span className={s.line} />
      <Button variant="ghost" busy={busy} onClick={() => onAct('acknowledge')}>
        <Check size={14} aria-hidden="true" />
        <span className={s.verb}>Acknowledge</span>
        <Kbd>E</Kbd>
      </Button>
      <Button variant="ghost" busy={busy} onClick={() => onAct('assign')}>
        <UserPlus size={14} aria-hidden="true" />
        <span className={s.verb}>Assign</span>
        <Kbd>A</Kbd>
      </Button>
      {mayLink && (
        <Button variant="ghost" busy={busy} onClick={() => onAct('incident')}>
          <ShieldPlus size={14} aria-hidden="true" />
          <span className={s.verb}>Incident</span>
          <Kbd>I</Kbd>
        </Button>
      )}
      <Button variant="ghost" busy={busy} onClick={() => onAct('tag')}>
        <Tag size={13} aria-hidden="true" />
        <span className={s.verb}>Tag</span>
        <Kbd>T</Kbd>
      </Button>
      <Button variant="ghost" busy={busy} onClick={() => onAct('close')}>
        Close
        <Kbd>C</Kbd>
      </Button>
      <span className={s.line} />
      <IconButton label="Clear the selection" onClick={selection.clear}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}
