import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { fieldOf, momentOf } from '@/lib/zone';
import { TextField } from '@/ui/Field';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { Others } from '../parts/Others';

const MOMENTS = [
  ['occurred_at', 'Occurred'],
  ['detected_at', 'Detected'],
  ['contained_at', 'Contained'],
  ['eradicated_at', 'Eradicated'],
  ['recovered_at', 'Recovered'],
] as const;

/** The times of the stages, where people know them better than the product. Only those that were changed are sent. */
export function TimesDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const { zone } = useLook();
  const label = useZoneLabel();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  // As they were when it was opened: what others set meanwhile is not put back.
  const [base] = useState(incident);
  const shown = (moment: string | null) => (moment ? fieldOf(moment, zone) : '');
  const others = MOMENTS.filter(([name]) => base[name] !== incident[name]);
  function save(form: FormData) {
    const changed = MOMENTS.filter(([name]) => given(form, name) !== shown(base[name]));
    const body = Object.fromEntries(changed.map(([name]) => [name, momentOf(given(form, name), zone) ?? null]));
    change.mutate({
      send: () => api.PATCH('/api/v1/incidents/{incident_id}', { params: at(incident), body }),
      said: 'Times changed',
    });
  }
  return (
    <FormDialog
      title={`Times of #${incident.number}`}
      description={`In ${label}, one after the other. An empty one is not known.`}
      verb="Save"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={save}
    >
      <Others now={others.map(([name, title]) => [title, shown(incident[name]).replace('T', ' ')])} />
      {MOMENTS.map(([name, title]) => (
        <TextField
          key={name}
          type="datetime-local"
          label={`${title} (${label})`}
          name={name}
          defaultValue={shown(base[name])}
        />
      ))}
    </FormDialog>
  );
}
