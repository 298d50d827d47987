import { StatusIcon } from '@/domain/Status';
import type { AlertStatus } from '@/domain/status';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import s from './dialogs.module.css';
import type { Alert } from './queries';

export type Step = 'acknowledge' | 'start' | 'close' | 'reopen';

const STEPS: readonly { step: Step; verb: string; to: AlertStatus; from: readonly AlertStatus[] }[] = [
  { step: 'acknowledge', verb: 'Acknowledge', to: 'acknowledged', from: ['new'] },
  { step: 'start', verb: 'Start work', to: 'in_progress', from: ['new', 'acknowledged'] },
  { step: 'close', verb: 'Close…', to: 'closed', from: ['new', 'acknowledged', 'in_progress'] },
  { step: 'reopen', verb: 'Reopen', to: 'new', from: ['closed'] },
];

/** Whether an alert can take a step from where it stands. */
export const canTake = (alert: Alert, step: Step): boolean =>
  STEPS.some((one) => one.step === step && one.from.includes(alert.status));

interface Props {
  alert: Alert;
  onDone: (step: Step) => void;
  onLeave: () => void;
}

/** Where it can go from here. */
export function StatusDialog({ alert, onDone, onLeave }: Props) {
  const open = STEPS.filter((one) => canTake(alert, one.step));
  return (
    <Dialog title="Status" description={alert.title} onLeave={onLeave}>
      <div className={s.steps}>
        {open.map(({ step, verb, to }, at) => (
          <Button key={step} size="lg" autoFocus={at === 0} onClick={() => onDone(step)}>
            <StatusIcon status={to} />
            {verb}
          </Button>
        ))}
        {open.length === 0 && <p>What is suppressed stays so until its suppression ends.</p>}
      </div>
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
      </DialogActions>
    </Dialog>
  );
}
