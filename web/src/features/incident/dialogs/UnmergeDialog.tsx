import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { foundIncidentsQuery } from '@/domain/dialogs/queries';
import { Reply } from '@/domain/Reply';
import { Select } from '@/ui/Select';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Make one that was merged into this an incident of its own again. */
export function UnmergeDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const found = useQuery(foundIncidentsQuery(`merged_into_id:"${incident.id}"`));
  const rows = found.data?.items ?? [];
  const [chosen, setChosen] = useState<string>();
  const one = rows.find(({ id }) => id === chosen) ?? rows[0];
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  return (
    <FormDialog
      title={`Take one out of #${incident.number}`}
      description="What it brought goes back to it; what was written after the merge stays here."
      verb={one ? `Take #${one.number} out` : 'Take out'}
      busy={change.isPending}
      error={change.error}
      why={one ? undefined : 'None is chosen'}
      onLeave={onLeave}
      onSubmit={() =>
        one &&
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/unmerge', {
              params: at(incident),
              body: { incident_id: one.id },
            }),
          said: `Took #${one.number} out of #${incident.number}`,
        })
      }
    >
      <Reply of={found} lines={2}>
        {() => (
          <Select
            label="Incident"
            value={one?.id ?? ''}
            options={rows.map((row) => [row.id, `#${row.number} ${row.title}`])}
            onChange={(event) => setChosen(event.target.value)}
          />
        )}
      </Reply>
    </FormDialog>
  );
}
