import { type FormEvent, useState } from 'react';
import { useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { momentOf } from '@/lib/zone';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import s from './dialogs.module.css';

const HOURS: readonly (readonly [label: string, hours: number])[] = [
  ['1 hour', 1],
  ['4 hours', 4],
  ['1 day', 24],
  ['1 week', 168],
];

interface Props {
  what: string;
  onDone: (until: string) => void;
  onLeave: () => void;
}

/** Until when it is put off: for oneself alone, and no longer than until something happens. */
export function SnoozeDialog({ what, onDone, onLeave }: Props) {
  const { zone } = useLook();
  const label = useZoneLabel();
  const [field, setField] = useState('');
  const until = momentOf(field, zone);
  const past = until !== undefined && Date.parse(until) <= Date.now();
  function submit(event: FormEvent) {
    event.preventDefault();
    if (until && !past) onDone(until);
  }
  return (
    <Dialog title="Snooze" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <div className={s.quick}>
          {HOURS.map(([name, hours], at) => (
            <Button
              key={name}
              autoFocus={at === 0}
              onClick={() => onDone(new Date(Date.now() + hours * 3_600_000).toISOString())}
            >
              {name}
            </Button>
          ))}
        </div>
        <TextField
          label={`Until (${label})`}
          type="datetime-local"
          value={field}
          error={past ? 'This is past.' : undefined}
          help="It leaves your queue alone, and is back at once when it happens again."
          onChange={(event) => setField(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!until || past}>
            Snooze
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
