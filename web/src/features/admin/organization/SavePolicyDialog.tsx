import type { Difference } from '@/lib/diff';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Changes } from '@/ui/Changes';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { lineOf } from './line';

interface Props {
  changes: readonly Difference[];
  busy: boolean;
  onSave: () => void;
  onLeave: () => void;
}

/** What will be another one, before it is. */
export function SavePolicyDialog({ changes, busy, onSave, onLeave }: Props) {
  const clocks = changes.some(({ path }) => !path.startsWith('review.'));
  return (
    <Dialog
      size="lg"
      title={`Save policy: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`}
      onLeave={onLeave}
    >
      <Changes label="What will change" lines={changes.map(lineOf)} />
      {clocks && (
        <Banner tone="warning">
          The clocks of all that is unfinished are worked out again, from the start. Some may be breached at once.
        </Banner>
      )}
      <DialogActions>
        <Button onClick={onLeave}>Go on editing</Button>
        <Button variant="primary" busy={busy} onClick={onSave}>
          Save policy
        </Button>
      </DialogActions>
    </Dialog>
  );
}
