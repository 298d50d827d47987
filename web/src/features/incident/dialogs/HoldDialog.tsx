import { api } from '@/api/client';
import { ConfirmDialog } from '@/ui/Dialog';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Keep all of it from deletion, or do so no longer. */
export function HoldDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  const hold = !incident.legal_hold;
  return (
    <ConfirmDialog
      title={hold ? `Put #${incident.number} on legal hold?` : `End the legal hold of #${incident.number}?`}
      verb={hold ? 'Put on legal hold' : 'End the legal hold'}
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/legal-hold', {
              params: at(incident),
              body: { legal_hold: hold },
            }),
          said: hold ? `#${incident.number} is on legal hold` : `#${incident.number} is on legal hold no longer`,
        })
      }
    >
      {hold
        ? 'Nothing of it can be deleted, nor entries of its timeline rewritten: evidence, copied events, observables, notes and links are kept.'
        : `“${incident.title}”: its evidence, notes and links can be deleted again.`}
    </ConfirmDialog>
  );
}
