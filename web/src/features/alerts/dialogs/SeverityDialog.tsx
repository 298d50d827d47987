import { SeverityBadge } from '@/domain/Severity';
import { SEVERITIES } from '@/domain/severities';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Row } from '@/ui/Page';
import type { AlertDetail } from '../queries';
import type { Triage } from '../triage';

interface Props {
  alert: AlertDetail;
  busy: boolean;
  onDone: (done: Triage) => void;
  onLeave: () => void;
}

/** How bad it is by somebody's own judgement; sensors do not change it any more. */
export function SeverityDialog({ alert, busy, onDone, onLeave }: Props) {
  return (
    <Dialog title="Set severity" description="Sensors do not change what is set by hand." onLeave={onLeave}>
      <Row>
        {SEVERITIES.map((severity) => (
          <Button
            key={severity}
            busy={busy}
            aria-pressed={severity === alert.severity}
            disabled={severity === alert.severity && alert.severity_by_hand}
            onClick={() => onDone({ do: 'severity', severity })}
          >
            <SeverityBadge severity={severity} />
          </Button>
        ))}
      </Row>
      <DialogActions>
        {alert.severity_by_hand && (
          <Button busy={busy} onClick={() => onDone({ do: 'severity', severity: null })}>
            Give back to the sensor
          </Button>
        )}
        <Button onClick={onLeave}>Cancel</Button>
      </DialogActions>
    </Dialog>
  );
}
