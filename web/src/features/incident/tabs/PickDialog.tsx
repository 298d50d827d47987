import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextArea, TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import { useChange } from '../change';
import { useHere } from '../here';
import { Pivot } from '../parts/Pivot';

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Keep more events, by their ids as the explorer shows them. */
export function PickDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange<components['schemas']['Picked']>(incident.id, {
    inPlace: true,
    onDone: ({ changed, unchanged }) => {
      say({
        title: `Picked ${changed} events`,
        ...(unchanged > 0 && { description: `${unchanged} were there already.` }),
      });
      onLeave();
    },
  });
  return (
    <FormDialog
      title={`Pick events for #${incident.number}`}
      description="They are copied into the incident, with their originals, and stay when their own time is over."
      verb="Pick"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={(form) => {
        const ids = [...new Set(given(form, 'ids').match(ID) ?? [])];
        change.mutate({
          send: () =>
            read(
              api.POST('/api/v1/incidents/{incident_id}/events', {
                params: { path: { incident_id: incident.id } },
                body: { event_ids: ids, note: given(form, 'note') || null },
              }),
            ),
        });
      }}
    >
      <TextArea
        label="Ids of events"
        name="ids"
        rows={4}
        required
        autoFocus
        help={
          <>
            In any text; find them in the{' '}
            <Pivot to="explorer" query="">
              explorer
            </Pivot>
            .
          </>
        }
      />
      <TextField label="Why" name="note" maxLength={2_000} />
    </FormDialog>
  );
}
