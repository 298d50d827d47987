import { api } from '@/api/client';
import { AssignDialog as Assign } from '@/domain/dialogs/AssignDialog';
import { usePeopleOf } from '@/domain/people';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Whose it is to be. */
export function AssignDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const people = usePeopleOf(incident.organization_id);
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  return (
    <Assign
      title={`Assign #${incident.number}`}
      what={incident.title}
      organizationId={incident.organization_id}
      now={incident.assignee_id}
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onDone={(to) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/assign', { params: at(incident), body: { assignee_id: to } }),
          said: `Assigned to ${people.find((one) => one.value === to)?.label ?? 'nobody'}`,
        })
      }
    />
  );
}
