import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { Leaving } from '@/domain/Leaving';
import { Meanwhile } from '@/domain/Meanwhile';
import { Reply } from '@/domain/Reply';
import { useDraft } from '@/lib/useDraft';
import { Columns, Stack } from '@/ui/Page';
import { SaveBar } from '@/ui/SaveBar';
import { Calendar } from './Calendar';
import { mistakes, toBody, toForm } from './form';
import { lineOf } from './line';
import { type Policy, policyQuery, useWritePolicy } from './queries';
import { Review } from './Review';
import { SavePolicyDialog } from './SavePolicyDialog';
import { Targets } from './Targets';

/** Who has to look, and by when work is to be done. */
export function PolicyTab({ organizationId }: { organizationId: string }) {
  const policy = useQuery(policyQuery(organizationId));
  return <Reply of={policy}>{(data) => <Form policy={data} />}</Reply>;
}

function Form({ policy }: { policy: Policy }) {
  const draft = useDraft(toForm(policy), policy.revision);
  const writing = useWritePolicy(policy.organization_id);
  const [asked, setAsked] = useState(false);
  const wrong = mistakes(draft.value);
  const stale = writing.error && asApiError(writing.error).status === 412;
  function save() {
    const body = toBody(draft.value);
    writing.mutate({ body, revision: policy.revision }, { onSettled: () => setAsked(false) });
  }
  return (
    <Stack>
      <Leaving unsaved={draft.dirty} what="the policy" />
      <Meanwhile changes={draft.meanwhile} line={lineOf} />
      {!stale && <Refused error={writing.error} />}
      <Columns kind="main">
        <Stack>
          <Targets value={draft.value.sla} wrong={wrong} onChange={(sla) => draft.change({ sla })} />
          <Calendar
            value={draft.value.calendar}
            saved={toForm(policy).calendar}
            wrong={wrong}
            onChange={(calendar) => draft.change({ calendar })}
          />
        </Stack>
        <Review value={draft.value.review} onChange={(review) => draft.change({ review })} />
      </Columns>
      <SaveBar
        changes={draft.changes.length}
        why={wrong.size > 0 ? 'Something above cannot be read yet.' : undefined}
        verb="Save policy…"
        onDiscard={draft.discard}
        onSave={() => setAsked(true)}
      />
      {asked && (
        <SavePolicyDialog
          changes={draft.changes}
          busy={writing.isPending}
          onSave={save}
          onLeave={() => setAsked(false)}
        />
      )}
    </Stack>
  );
}
