import { type FormEvent, useState } from 'react';
import { usePeopleOf } from '@/domain/people';
import { useSession } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import type { Change } from './change';
import type { AskProps } from './Dialogs';
import s from './dialogs.module.css';

/** Whose they become. */
export function AssignDialog({ rows, what, onChange, onLeave }: AskProps) {
  const { user } = useSession();
  const people = usePeopleOf(rows[0]?.organization_id ?? '');
  const [to, setTo] = useState<string | null>(rows.length === 1 ? (rows[0]?.assignee_id ?? null) : null);
  const give = (person: string | null) => onChange({ do: 'assign', to: person } satisfies Change);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (to) give(to);
  }
  return (
    <Dialog title="Assign" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <Combobox label="To" choices={people} value={to} onChange={setTo} placeholder="Type a name" autoFocus />
        <div className={s.quick}>
          <Button size="sm" onClick={() => give(user.id)}>
            Assign to me
          </Button>
          <Button size="sm" onClick={() => give(null)}>
            Assign to nobody
          </Button>
        </div>
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!to || (rows.length === 1 && to === rows[0]?.assignee_id)}>
            Assign
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
