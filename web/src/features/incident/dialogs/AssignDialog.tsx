import { useState } from 'react';
import { api } from '@/api/client';
import { usePeopleOf } from '@/domain/people';
import { Combobox } from '@/ui/Combobox';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { FormDialog } from '../parts/FormDialog';

/** Whose it is to be. */
export function AssignDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const people = usePeopleOf(incident.organization_id);
  const [to, setTo] = useState(incident.assignee_id);
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const name = people.find((one) => one.value === to)?.label;
  return (
    <FormDialog
      title={`Assign #${incident.number}`}
      description={incident.title}
      verb={to === null && incident.assignee_id !== null ? 'Assign to nobody' : 'Assign'}
      busy={change.isPending}
      error={change.error}
      why={to === incident.assignee_id ? 'Choose somebody else' : undefined}
      onLeave={onLeave}
      onSubmit={() =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/assign', { params: at(incident), body: { assignee_id: to } }),
          said: name ? `Assigned to ${name}` : 'Assigned to nobody',
        })
      }
    >
      <Combobox label="Owner" choices={people} value={to} onChange={setTo} placeholder="Nobody" autoFocus />
    </FormDialog>
  );
}
