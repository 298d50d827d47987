import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { IncidentPicker, type Pickable } from '@/domain/dialogs/IncidentPicker';
import { Banner } from '@/ui/Banner';
import { TextArea } from '@/ui/Field';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { incidentQuery } from '../queries';
import { movedWords } from '../words';

/** Other incidents that become part of this one, with what moves here. */
export function MergeDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [chosen, setChosen] = useState<readonly Pickable[]>([]);
  const details = useQueries({ queries: chosen.map(({ id }) => incidentQuery(id)) });
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const numbers = chosen.map(({ number }) => `#${number}`).join(', ');
  const counts = details.flatMap(({ data }) => (data ? [data.counts] : []));
  return (
    <FormDialog
      size="lg"
      title={`Merge into #${incident.number}`}
      description={incident.title}
      verb={chosen.length > 0 ? `Merge ${numbers} into #${incident.number}` : 'Merge'}
      busy={change.isPending}
      error={change.error}
      why={chosen.length === 0 ? 'No incident is chosen' : undefined}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/merge', {
              params: at(incident),
              body: { incident_ids: chosen.map(({ id }) => id), reason: given(form, 'reason') || null },
            }),
          said: `Merged ${numbers} into #${incident.number}`,
        })
      }
    >
      <IncidentPicker
        not={incident.id}
        chosen={chosen}
        onChange={setChosen}
        accepts={(row) =>
          row.organization_id === incident.organization_id && row.status !== 'merged' && row.status !== 'closed'
        }
      />
      {chosen.length > 0 && (
        <Banner>
          {counts.length < chosen.length
            ? 'Counting what moves here…'
            : `${movedWords(counts) || 'Nothing but its timeline'} will move here. Each remembers where it came from, so that an incident can be taken out again.`}
        </Banner>
      )}
      <TextArea label="Why" name="reason" rows={2} maxLength={2_000} />
    </FormDialog>
  );
}
