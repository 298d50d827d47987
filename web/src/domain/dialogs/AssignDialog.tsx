import { useState } from 'react';
import { usePeopleOf } from '@/domain/people';
import { useSession } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Row } from '@/ui/Page';
import { FormDialog } from './FormDialog';

interface Props {
  title?: string;
  /** What is given away: its title, or how many. */
  what: string;
  organizationId: string;
  /** Whose it is, where it is one. */
  now: string | null;
  busy?: boolean;
  error?: unknown;
  onDone: (to: string | null) => void;
  onLeave: () => void;
}

/** Whose it becomes. */
export function AssignDialog({ title = 'Assign', what, organizationId, now, busy = false, onDone, ...rest }: Props) {
  const { user } = useSession();
  const people = usePeopleOf(organizationId);
  const [to, setTo] = useState(now);
  return (
    <FormDialog
      {...rest}
      title={title}
      description={what}
      verb="Assign"
      busy={busy}
      ready={to !== null && to !== now}
      onSubmit={() => onDone(to)}
    >
      <Combobox label="To" choices={people} value={to} onChange={setTo} placeholder="Type a name" autoFocus />
      <Row>
        <Button size="sm" disabled={busy} onClick={() => onDone(user.id)}>
          Assign to me
        </Button>
        <Button size="sm" disabled={busy} onClick={() => onDone(null)}>
          Assign to nobody
        </Button>
      </Row>
    </FormDialog>
  );
}
