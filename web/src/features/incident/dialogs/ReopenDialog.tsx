import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextArea } from '@/ui/Field';
import { Switch } from '@/ui/Switch';
import { say } from '@/ui/toast';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Why it goes on, and whether its alerts do. */
export function ReopenDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange<components['schemas']['Reopened']>(incident.id, {
    inPlace: true,
    onDone: ({ alerts_reopened, alerts_left_closed }) => {
      say({
        title: `Reopened #${incident.number}`,
        description: `${alerts_reopened} alerts were opened${
          alerts_left_closed > 0 ? `; ${alerts_left_closed} stay closed, for their successor is open` : ''
        }.`,
      });
      onLeave();
    },
  });
  return (
    <FormDialog
      title={`Reopen #${incident.number}`}
      description={incident.title}
      verb="Reopen"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            read(
              api.POST('/api/v1/incidents/{incident_id}/reopen', {
                params: at(incident),
                body: { reason: given(form, 'reason'), reopen_alerts: form.get('alerts') !== null },
              }),
            ),
        })
      }
    >
      <TextArea label="Why" name="reason" rows={3} required maxLength={2_000} autoFocus />
      <Switch label="Open the alerts too that were closed with it" name="alerts" />
    </FormDialog>
  );
}
