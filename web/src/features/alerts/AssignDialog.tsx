import { type FormEvent, useState } from 'react';
import { usePeopleOf } from '@/domain/people';
import { useSession } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import s from './dialogs.module.css';

interface Props {
  what: string;
  organizationId: string;
  now: string | null;
  onDone: (to: string | null) => void;
  onLeave: () => void;
}

/** Whose it becomes. */
export function AssignDialog({ what, organizationId, now, onDone, onLeave }: Props) {
  const { user } = useSession();
  const people = usePeopleOf(organizationId);
  const [to, setTo] = useState(now);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (to) onDone(to);
  }
  return (
    <Dialog title="Assign" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <Combobox label="To" choices={people} value={to} onChange={setTo} placeholder="Type a name" autoFocus />
        <div className={s.quick}>
          <Button size="sm" onClick={() => onDone(user.id)}>
            Assign to me
          </Button>
          <Button size="sm" onClick={() => onDone(null)}>
            Assign to nobody
          </Button>
        </div>
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!to || to === now}>
            Assign
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
