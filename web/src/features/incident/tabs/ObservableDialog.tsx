import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextArea, TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { useChange } from '../change';
import { useHere } from '../here';
import type { Incident, IncidentObservable } from '../queries';
import { TLP_OPTIONS, tagsOf } from './observables';

/** What the incident says of a value. */
export function ObservableDialog({ observable, onLeave }: { observable: IncidentObservable; onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const params = {
    path: { incident_id: incident.id, incident_observable_id: observable.id },
    header: ifMatch(observable.revision),
  };
  return (
    <FormDialog
      title="Edit observable"
      description={observable.value}
      verb="Save"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) => {
        const tlp = (given(form, 'tlp') || null) as Incident['tlp'] | null;
        const body = { tlp, tags: tagsOf(given(form, 'tags')), note: given(form, 'note') };
        change.mutate({
          send: () =>
            api.PATCH('/api/v1/incidents/{incident_id}/observables/{incident_observable_id}', { params, body }),
          said: `Saved ${observable.value}`,
        });
      }}
    >
      <Select label="TLP" name="tlp" options={TLP_OPTIONS} defaultValue={observable.tlp ?? ''} />
      <TextField label="Tags" name="tags" help="Parted by commas." defaultValue={observable.tags.join(', ')} />
      <TextArea label="Note" name="note" rows={3} maxLength={2_000} defaultValue={observable.note} />
    </FormDialog>
  );
}
