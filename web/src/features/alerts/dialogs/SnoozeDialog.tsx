import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { Moment, useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { fieldOf, formatMoment, momentOf } from '@/lib/zone';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Switch } from '@/ui/Switch';
import type { AnyAlert } from '../queries';
import type { Triage } from '../triage';
import { LONGEST_SNOOZE, presets } from './snoozes';

interface Props {
  alert: AnyAlert;
  busy: boolean;
  onDone: (done: Triage) => void;
  onLeave: () => void;
}

/** Until when it is put off: it leaves one's own lists, and nobody else's. */
export function SnoozeDialog({ alert, busy, onDone, onLeave }: Props) {
  const { zone } = useLook();
  const label = useZoneLabel();
  const [now] = useState(Date.now);
  const [own, setOwn] = useState('');
  const [untilEvent, setUntilEvent] = useState(true);
  const until = momentOf(own, zone);
  const past = until !== undefined && Date.parse(until) <= now;
  const snooze = (at: string) => onDone({ do: 'snooze', until: at, untilEvent });
  return (
    <FormDialog
      title="Snooze"
      description={`${alert.title}. It leaves your own lists until then; others see it as before.`}
      verb="Snooze"
      busy={busy}
      ready={until !== undefined && !past}
      onSubmit={() => until && snooze(until)}
      onLeave={onLeave}
    >
      {alert.snoozed_until && (
        <Banner
          action={
            <Button size="sm" disabled={busy} onClick={() => onDone({ do: 'wake' })}>
              Wake
            </Button>
          }
        >
          Snoozed until <Moment at={alert.snoozed_until} />.
        </Banner>
      )}
      <Row>
        {presets(now, zone).map(([name, at], index) => (
          <Button
            key={name}
            title={formatMoment(at, zone)}
            disabled={busy}
            autoFocus={index === 0}
            onClick={() => snooze(at)}
          >
            {name}
          </Button>
        ))}
      </Row>
      <TextField
        label={`Or until (${label})`}
        type="datetime-local"
        value={own}
        min={fieldOf(now, zone)}
        max={fieldOf(now + LONGEST_SNOOZE, zone)}
        error={past ? 'This is past.' : undefined}
        help="Seven days at most."
        onChange={(event) => setOwn(event.target.value)}
      />
      <Switch label="Wake at the next event, too" checked={untilEvent} onChange={setUntilEvent} />
    </FormDialog>
  );
}
