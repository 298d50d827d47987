import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextField } from '@/ui/Field';
import { useChange } from '../change';
import { useHere } from '../here';
import type { LinkedAlert } from '../queries';

interface Props {
  alerts: readonly LinkedAlert[];
  onDone: () => void;
  onLeave: () => void;
}

/** Let alerts go; they come back to the queue. */
export function UnlinkDialog({ alerts, onDone, onLeave }: Props) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone, inPlace: true });
  const many = alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`;
  return (
    <FormDialog
      title={`Unlink ${many} from #${incident.number}?`}
      description={alerts.length === 1 ? alerts[0]?.title : undefined}
      verb={`Unlink ${many}`}
      tone="danger"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/alerts/unlink', {
              params: { path: { incident_id: incident.id } },
              body: { alert_ids: alerts.map((one) => one.alert_id), reason: given(form, 'reason') || null },
            }),
          said: `Unlinked ${many}`,
        })
      }
    >
      <p className="u-muted">
        They are as they were before they were linked, unless somebody has changed their status or assignee since.
      </p>
      <TextField label="Why" name="reason" maxLength={2_000} autoFocus />
    </FormDialog>
  );
}
