import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { VerdictFields, verdictOf } from '@/domain/dialogs/VerdictFields';
import { usePeopleOf } from '@/domain/people';
import { Combobox } from '@/ui/Combobox';
import { TextArea } from '@/ui/Field';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { Lacking } from './Lacking';

const MAY_DECIDE = ['lead', 'admin'];

/** Ask a second person to agree to closing it so. */
export function ReviewDialog({ onLeave }: { onLeave: () => void }) {
  const { incident, me } = useHere();
  const [reviewer, setReviewer] = useState<string | null>(null);
  const people = usePeopleOf(incident.organization_id).filter(
    ({ value, hint }) => value !== me && value !== incident.assignee_id && MAY_DECIDE.includes(hint ?? ''),
  );
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  return (
    <FormDialog
      title={`Ask for a review of #${incident.number}`}
      description="Once somebody agrees it is closed. Until then it is neither moved nor given away, and its clock of resolving stands still."
      verb="Ask for a review"
      busy={change.isPending}
      error={change.error}
      why={incident.missing.length > 0 ? 'Something is still missing' : undefined}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/review', {
              params: at(incident),
              body: { ...verdictOf(form), comment: given(form, 'comment'), reviewer_id: reviewer },
            }),
          said: 'Asked for a review',
        })
      }
    >
      {incident.missing.length > 0 && <Lacking missing={incident.missing} onLeave={onLeave} />}
      <VerdictFields organizationId={incident.organization_id} first="true_positive" />
      <Combobox
        label="Reviewer"
        help="Leave it empty for whoever may decide."
        placeholder="Anybody who may decide"
        choices={people}
        value={reviewer}
        onChange={setReviewer}
      />
      <TextArea label="Comment" name="comment" rows={3} maxLength={2_000} />
    </FormDialog>
  );
}
