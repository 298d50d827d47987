import { api } from '@/api/client';
import { ConfirmDialog } from '@/ui/Dialog';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Take back the request for closing. */
export function WithdrawDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  return (
    <ConfirmDialog
      title={`Withdraw the request for closing #${incident.number}?`}
      verb="Withdraw"
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () => api.POST('/api/v1/incidents/{incident_id}/review/withdraw', { params: at(incident) }),
          said: 'Withdrew the request',
        })
      }
    >
      Nobody decides on it any more; it stays open, and its clocks go on.
    </ConfirmDialog>
  );
}
