import { api } from '@/api/client';
import { ConfirmDialog } from '@/ui/Dialog';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Show it to its members alone, or to all. */
export function RestrictDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  const restricted = !incident.restricted;
  const { alerts } = incident.counts;
  return (
    <ConfirmDialog
      title={restricted ? `Restrict #${incident.number} to its members?` : `Open #${incident.number} to everybody?`}
      verb={restricted ? 'Restrict' : 'Open to everybody'}
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/restrict', { params: at(incident), body: { restricted } }),
          said: restricted ? `Restricted #${incident.number}` : `#${incident.number} is restricted no longer`,
        })
      }
    >
      {restricted
        ? `Only members will see it, whatever somebody’s role, and its ${alerts} ${alerts === 1 ? 'alert is' : 'alerts are'} hidden with it. You and its owner become members; add others beside it.`
        : 'Everybody of the organization who may read incidents will see it, and its alerts.'}
    </ConfirmDialog>
  );
}
