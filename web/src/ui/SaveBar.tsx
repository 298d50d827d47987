import { Button } from './Button';
import s from './SaveBar.module.css';

interface Props {
  /** How much is not saved yet; nothing is shown while that is 0. */
  changes: number;
  verb: string;
  /** Why it cannot be saved yet. */
  why?: string | undefined;
  busy?: boolean;
  onDiscard: () => void;
  onSave: () => void;
}

/** At the foot of a form that is a page: what is not saved yet, and the two ways on. */
export function SaveBar({ changes, verb, why, busy = false, onDiscard, onSave }: Props) {
  if (changes === 0) return null;
  return (
    <div className={s.bar} role="status">
      <span className={s.text}>
        {changes} unsaved {changes === 1 ? 'change' : 'changes'}
        {why && <span className={s.why}> {why}</span>}
      </span>
      <Button onClick={onDiscard}>Discard</Button>
      <Button variant="primary" busy={busy} disabled={why !== undefined} onClick={onSave}>
        {verb}
      </Button>
    </div>
  );
}
