import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { IncidentPicker, type Pickable } from '@/domain/dialogs/IncidentPicker';
import { Select } from '@/ui/Select';
import { useChange } from '../change';
import { useHere } from '../here';

const RELATIONS = [
  ['related', 'is related to'],
  ['duplicate_of', 'is a duplicate of'],
  ['caused_by', 'was caused by'],
] as const;

type RelationName = (typeof RELATIONS)[number][0];

/** How this incident stands to another. */
export function LinkDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [relation, setRelation] = useState<RelationName>('related');
  const [[other], setChosen] = useState<readonly Pickable[]>([]);
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  return (
    <FormDialog
      size="lg"
      title={`Link #${incident.number} with another incident`}
      description="Both stay as they are. To make one of two, merge them."
      verb={other ? `Link #${other.number}` : 'Link'}
      busy={change.isPending}
      error={change.error}
      why={other ? undefined : 'No incident is chosen'}
      onLeave={onLeave}
      onSubmit={() =>
        other &&
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/links', {
              params: { path: { incident_id: incident.id } },
              body: { other_id: other.id, relation },
            }),
          said: `Linked #${other.number}`,
        })
      }
    >
      <Select
        label={`#${incident.number}`}
        value={relation}
        options={RELATIONS}
        onChange={(event) => setRelation(event.target.value as RelationName)}
      />
      <IncidentPicker
        one
        not={incident.id}
        chosen={other ? [other] : []}
        onChange={setChosen}
        accepts={(row) => row.organization_id === incident.organization_id}
      />
    </FormDialog>
  );
}
