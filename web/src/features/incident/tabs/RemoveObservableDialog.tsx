import { api } from '@/api/client';
import { ConfirmDialog } from '@/ui/Dialog';
import { useChange } from '../change';
import { useHere } from '../here';
import type { IncidentObservable } from '../queries';

/** Take a value out of the incident. */
export function RemoveObservableDialog({
  observable,
  onLeave,
}: {
  observable: IncidentObservable;
  onLeave: () => void;
}) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  const params = { path: { incident_id: incident.id, incident_observable_id: observable.id } };
  return (
    <ConfirmDialog
      title={`Remove an observable from #${incident.number}?`}
      verb="Remove"
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () => api.DELETE('/api/v1/incidents/{incident_id}/observables/{incident_observable_id}', { params }),
          said: `Removed ${observable.value}`,
        })
      }
    >
      {observable.value}: what this incident says of it is lost, and so is how it is marked.
    </ConfirmDialog>
  );
}
