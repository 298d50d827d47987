import { type FormEvent, useState } from 'react';
import { usePeopleOf } from '@/domain/people';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Stack } from '@/ui/Page';
import type { AlertDetail } from '../queries';

interface Props {
  alert: AlertDetail;
  busy: boolean;
  onAssign: (to: string | null) => void;
  onLeave: () => void;
}

/** Whose it is to be. */
export function AssignDialog({ alert, busy, onAssign, onLeave }: Props) {
  const people = usePeopleOf(alert.organization_id);
  const [to, setTo] = useState(alert.assignee_id);
  function submit(event: FormEvent) {
    event.preventDefault();
    onAssign(to);
  }
  return (
    <Dialog title="Assign alert" description={alert.title} onLeave={onLeave}>
      <form onSubmit={submit}>
        <Stack>
          <Combobox label="To" choices={people} value={to} onChange={setTo} placeholder="Nobody" autoFocus />
          <DialogActions>
            {alert.assignee_id && (
              <Button busy={busy} onClick={() => onAssign(null)}>
                Assign to nobody
              </Button>
            )}
            <Button onClick={onLeave}>Cancel</Button>
            <Button type="submit" variant="primary" busy={busy} disabled={to === null || to === alert.assignee_id}>
              Assign
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
  );
}
