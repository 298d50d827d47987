import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextArea } from '@/ui/Field';
import { useChange } from '../change';
import { useHere } from '../here';
import type { Evidence } from '../queries';

interface Props {
  file: Evidence;
  onLeave: () => void;
}

/** What people say of a file. */
export function DescribeDialog({ file, onLeave }: Props) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const params = { path: { incident_id: incident.id, evidence_id: file.id }, header: ifMatch(file.revision) };
  return (
    <FormDialog
      title="Describe the file"
      description={file.name}
      verb="Save"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.PATCH('/api/v1/incidents/{incident_id}/evidence/{evidence_id}', {
              params,
              body: { description: given(form, 'description') },
            }),
          said: `Described ${file.name}`,
        })
      }
    >
      <TextArea
        label="Description"
        name="description"
        rows={4}
        maxLength={2_000}
        defaultValue={file.description}
        autoFocus
      />
    </FormDialog>
  );
}

/** Delete a file's bytes; that it was there, and why it is not, stays. */
export function RemoveEvidenceDialog({ file, onLeave }: Props) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const path = { incident_id: incident.id, evidence_id: file.id };
  return (
    <FormDialog
      title={`Remove ${file.name} from #${incident.number}?`}
      description="Its bytes are deleted for ever. Its name, its hash and its custody stay, with your reason."
      verb="Remove"
      tone="danger"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.DELETE('/api/v1/incidents/{incident_id}/evidence/{evidence_id}', {
              params: { path, query: { reason: given(form, 'reason') } },
            }),
          said: `Removed ${file.name}`,
        })
      }
    >
      <TextArea label="Why" name="reason" rows={3} required maxLength={2_000} autoFocus />
    </FormDialog>
  );
}
