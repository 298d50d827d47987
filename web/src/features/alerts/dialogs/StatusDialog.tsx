import { StatusIcon } from '@/domain/Status';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Stack } from '@/ui/Page';
import type { AnyAlert } from '../queries';
import { canTake, STEPS, type Step } from '../triage';

interface Props {
  alert: AnyAlert;
  onDone: (step: Step) => void;
  onLeave: () => void;
}

/** Where it can go from here. */
export function StatusDialog({ alert, onDone, onLeave }: Props) {
  const open = STEPS.filter((one) => canTake(alert, one.step));
  return (
    <Dialog title="Status" description={alert.title} onLeave={onLeave}>
      <Stack gap="sm">
        {open.map(({ step, verb, to }, at) => (
          <Button key={step} size="lg" autoFocus={at === 0} onClick={() => onDone(step)}>
            <StatusIcon status={to} />
            {verb}
          </Button>
        ))}
        {open.length === 0 && <p>What is suppressed stays so until its suppression ends.</p>}
      </Stack>
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
      </DialogActions>
    </Dialog>
  );
}
