import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { incidentStatusLabel } from '@/domain/incident';
import type { To } from '@/domain/moves';
import { TextArea } from '@/ui/Field';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Why it is held, or goes back. */
export function MoveDialog({ to, onLeave }: { to: To; onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const label = incidentStatusLabel(to);
  return (
    <FormDialog
      title={to === 'on_hold' ? `Put #${incident.number} on hold` : `Back to ${label.toLowerCase()}`}
      description={to === 'on_hold' ? 'Its clocks stand still until it is taken up again.' : incident.title}
      verb={to === 'on_hold' ? 'Put on hold' : `Move to ${label.toLowerCase()}`}
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/transition', {
              params: at(incident),
              body: { to, reason: given(form, 'reason') },
            }),
          said: `#${incident.number}: ${label}`,
        })
      }
    >
      <TextArea label="Why" name="reason" rows={3} required maxLength={2_000} autoFocus />
    </FormDialog>
  );
}
