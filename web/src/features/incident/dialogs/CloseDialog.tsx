import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { VerdictFields, verdictOf } from '@/domain/dialogs/VerdictFields';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { at, useChange } from '../change';
import { useHere } from '../here';
import type { Missing } from '../queries';
import { Lacking } from './Lacking';

/** What it turned out to be. What is missing is told before it is asked for, and after it was refused. */
export function CloseDialog({ onLeave }: { onLeave: () => void }) {
  const { incident, open } = useHere();
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const error = change.error ? asApiError(change.error) : undefined;
  const refused = (error?.body as { missing?: Missing[] } | undefined)?.missing;
  const missing = refused ?? incident.missing;
  const { open_alerts } = incident.counts;
  if (missing.length > 0)
    return (
      <Dialog title={`Close #${incident.number}`} description={incident.title} onLeave={onLeave}>
        <Lacking missing={missing} onLeave={onLeave} />
        <DialogActions>
          <Button onClick={onLeave}>Not now</Button>
        </DialogActions>
      </Dialog>
    );
  const needsReview = incident.needs_review || error?.code === 'review_needed';
  return (
    <FormDialog
      title={`Close #${incident.number}`}
      description={incident.title}
      verb={open_alerts > 0 ? `Close with ${open_alerts} open ${open_alerts === 1 ? 'alert' : 'alerts'}` : 'Close'}
      busy={change.isPending}
      error={needsReview ? undefined : change.error}
      why={needsReview ? 'A second person has to agree' : undefined}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/close', {
              params: at(incident),
              body: verdictOf(form),
            }),
          said: `Closed #${incident.number}`,
        })
      }
    >
      {needsReview && (
        <Banner
          tone="warning"
          action={
            <Button size="sm" onClick={() => open({ ask: 'review' })}>
              Ask for a review…
            </Button>
          }
        >
          By your organization’s policy a second person has to agree to this closing.
        </Banner>
      )}
      <VerdictFields organizationId={incident.organization_id} first="true_positive" />
    </FormDialog>
  );
}
