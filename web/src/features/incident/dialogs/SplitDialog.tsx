import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { PATHS } from '@/app/paths';
import { TextArea, TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { FormDialog, given } from '../parts/FormDialog';
import { alertsOfQuery, evidenceQuery, notesQuery, observablesQuery, tasksQuery } from '../queries';
import { PartList } from './PartList';
import s from './SplitDialog.module.css';

const PARTS = ['alert_ids', 'task_ids', 'note_ids', 'observable_ids', 'evidence_ids'] as const;
type Parts = Record<(typeof PARTS)[number], readonly string[]>;

const FIRST_WORDS = 80;

/** Some parts that become an incident of their own. */
export function SplitDialog({ alertIds, onLeave }: { alertIds: readonly string[]; onLeave: () => void }) {
  const { incident } = useHere();
  const navigate = useNavigate();
  const [parts, setParts] = useState<Parts>({
    alert_ids: alertIds,
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
  const count = PARTS.reduce((sum, part) => sum + parts[part].length, 0);
  const of = (part: keyof Parts) => ({
    chosen: parts[part],
    onChange: (chosen: readonly string[]) => setParts({ ...parts, [part]: chosen }),
  });
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
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            read(
              api.POST('/api/v1/incidents/{incident_id}/split', {
                params: at(incident),
                body: {
                  title: given(form, 'title'),
                  reason: given(form, 'reason'),
                  alert_ids: [...parts.alert_ids],
                  task_ids: [...parts.task_ids],
                  note_ids: [...parts.note_ids],
                  observable_ids: [...parts.observable_ids],
                  evidence_ids: [...parts.evidence_ids],
                },
              }),
            ),
        })
      }
    >
      <TextField label="Title of the new incident" name="title" required maxLength={200} autoFocus />
      <div className={s.parts}>
        <PartList
          title="Alerts"
          query={alertsOfQuery(incident.id)}
          part={(one) => [one.alert_id, one.title]}
          {...of('alert_ids')}
        />
        <PartList
          title="Tasks"
          query={tasksQuery(incident.id)}
          part={(one) => [one.id, one.title]}
          {...of('task_ids')}
        />
        <PartList
          title="Notes"
          query={notesQuery(incident.id)}
          part={(one) => [one.id, one.body.slice(0, FIRST_WORDS)]}
          {...of('note_ids')}
        />
        <PartList
          title="Observables"
          query={observablesQuery(incident.id)}
          part={(one) => [one.id, one.value]}
          {...of('observable_ids')}
        />
        <PartList
          title="Evidence"
          query={evidenceQuery(incident.id)}
          part={(one) => [one.id, one.name]}
          {...of('evidence_ids')}
        />
      </div>
      <TextArea label="Why" name="reason" rows={2} required maxLength={2_000} />
    </FormDialog>
  );
}
