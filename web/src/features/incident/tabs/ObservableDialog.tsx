import { useState } from 'react';
import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { tagsOf } from '@/lib/tags';
import { TextArea, TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { useChange } from '../change';
import { useHere } from '../here';
import { Others } from '../parts/Others';
import type { Incident, IncidentObservable } from '../queries';
import { TLP_OPTIONS } from './observables';

/** What the incident says of a value. Only what was changed here is sent. */
export function ObservableDialog({ observable, onLeave }: { observable: IncidentObservable; onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  // As it was when it was opened; what others make of it meanwhile is shown, and not what is sent.
  const [base] = useState(() => written(observable));
  const now = written(observable);
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
        const tlp = given(form, 'tlp');
        const tags = tagsOf(given(form, 'tags')).join(', ');
        const note = given(form, 'note');
        const body = {
          ...(tlp !== base.TLP && { tlp: (tlp || null) as Incident['tlp'] | null }),
          ...(tags !== base.Tags && { tags: tagsOf(tags) }),
          ...(note !== base.Note && { note }),
        };
        change.mutate({
          send: () =>
            api.PATCH('/api/v1/incidents/{incident_id}/observables/{incident_observable_id}', { params, body }),
          said: `Saved ${observable.value}`,
        });
      }}
    >
      <Others now={Object.entries(now).filter(([name, value]) => value !== base[name as keyof typeof base])} />
      <Select label="TLP" name="tlp" options={TLP_OPTIONS} defaultValue={base.TLP} />
      <TextField label="Tags" name="tags" help="Parted by commas." defaultValue={base.Tags} />
      <TextArea label="Note" name="note" rows={3} maxLength={2_000} defaultValue={base.Note} />
    </FormDialog>
  );
}

/** As the fields have it, by their labels. */
const written = ({ tlp, tags, note }: IncidentObservable) => ({ TLP: tlp ?? '', Tags: tags.join(', '), Note: note });
