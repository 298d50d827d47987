import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { PATHS } from '@/app/paths';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextArea, TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { alertsOfQuery, evidenceQuery, notesQuery, observablesQuery, tasksQuery } from '../queries';
import { PartList } from './PartList';
import s from './SplitDialog.module.css';

type Parts = Required<Omit<components['schemas']['Splitting'], 'title' | 'reason'>>;

const FIRST_WORDS = 80;

/** Some parts that become an incident of their own. */
export function SplitDialog({ alertIds, onLeave }: { alertIds: readonly string[]; onLeave: () => void }) {
  const { incident } = useHere();
  const navigate = useNavigate();
  const [parts, setParts] = useState<Parts>({
    alert_ids: [...alertIds],
    task_ids: [],
    note_ids: [],
    observable_ids: [],
    evidence_ids: [],
  });
  const change = useChange<components['schemas']['SplitRead']>(incident.id, {
    inPlace: true,
    onDone: ({ split_off }) => {
      say({ title: `Split #${split_off.number} off #${incident.number}` });
      onLeave();
      void navigate({ to: PATHS.incident, params: { incidentId: split_off.id } });
    },
  });
  const count = Object.values(parts).reduce((sum, ids) => sum + ids.length, 0);
  function split(form: FormData) {
    const body = { title: given(form, 'title'), reason: given(form, 'reason'), ...parts };
    change.mutate({
      send: () => read(api.POST('/api/v1/incidents/{incident_id}/split', { params: at(incident), body })),
    });
  }
  return (
    <FormDialog
      size="lg"
      title={`Split #${incident.number}`}
      description="What you choose leaves this incident and makes a new one."
      verb={`Split off ${count} ${count === 1 ? 'part' : 'parts'}`}
      busy={change.isPending}
      error={change.error}
      why={parts.alert_ids.length === 0 ? 'No alert is chosen' : undefined}
      onLeave={onLeave}
      onSubmit={split}
    >
      <TextField label="Title of the new incident" name="title" required maxLength={200} autoFocus />
      <Choices parts={parts} onChange={setParts} />
      <TextArea label="Why" name="reason" rows={2} required maxLength={2_000} />
    </FormDialog>
  );
}

function Choices({ parts, onChange }: { parts: Parts; onChange: (parts: Parts) => void }) {
  const { id } = useHere().incident;
  const of = (part: keyof Parts) => ({
    chosen: parts[part],
    onChange: (chosen: readonly string[]) => onChange({ ...parts, [part]: [...chosen] }),
  });
  return (
    <div className={s.parts}>
      <PartList
        title="Alerts"
        query={alertsOfQuery(id)}
        part={(one) => [one.alert_id, one.title]}
        {...of('alert_ids')}
      />
      <PartList title="Tasks" query={tasksQuery(id)} part={(one) => [one.id, one.title]} {...of('task_ids')} />
      <PartList
        title="Notes"
        query={notesQuery(id)}
        part={(one) => [one.id, one.body.slice(0, FIRST_WORDS)]}
        {...of('note_ids')}
      />
      <PartList
        title="Observables"
        query={observablesQuery(id)}
        part={(one) => [one.id, one.value]}
        {...of('observable_ids')}
      />
      <PartList title="Evidence" query={evidenceQuery(id)} part={(one) => [one.id, one.name]} {...of('evidence_ids')} />
    </div>
  );
}
