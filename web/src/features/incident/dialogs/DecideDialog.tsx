import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { VERDICTS } from '@/domain/verdict';
import { words } from '@/lib/format';
import { TextArea } from '@/ui/Field';
import { KeyValue } from '@/ui/KeyValue';
import { Select } from '@/ui/Select';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** Agree, which closes it, or send it back and say why. */
export function DecideDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [decision, setDecision] = useState<'approved' | 'sent_back'>('approved');
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const { review } = incident;
  const agree = decision === 'approved';
  return (
    <FormDialog
      title={`Decide on closing #${incident.number}`}
      description={incident.title}
      verb={agree ? 'Agree and close' : 'Send back'}
      busy={change.isPending}
      error={change.error}
      why={review ? undefined : 'No request waits any more'}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/review/decide', {
              params: at(incident),
              body: { decision, comment: given(form, 'comment') },
            }),
          said: agree ? `Agreed: #${incident.number} is closed` : `Sent #${incident.number} back`,
        })
      }
    >
      {review && (
        <KeyValue
          facts={[
            ['Asked by', review.requested_by_name],
            ['Verdict', VERDICTS.find(([one]) => one === review.verdict)?.[1] ?? review.verdict],
            ['Reason', words(review.reason)],
            ['Comment', review.comment],
            ['Open alerts', incident.counts.open_alerts],
          ]}
        />
      )}
      <Select
        label="Decision"
        value={decision}
        options={[
          ['approved', 'Agree, which closes it'],
          ['sent_back', 'Send it back'],
        ]}
        onChange={(event) => setDecision(event.target.value === 'approved' ? 'approved' : 'sent_back')}
      />
      <TextArea
        label={agree ? 'Comment' : 'What is missing'}
        name="comment"
        rows={3}
        maxLength={2_000}
        required={!agree}
      />
    </FormDialog>
  );
}
