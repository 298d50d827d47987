import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import { incidentQuery } from '../page/queries';
import type { AlertDetail } from '../queries';

/** Out of its incident again. */
export function UnlinkDialog({ alert, onLeave }: { alert: AlertDetail; onLeave: () => void }) {
  const client = useQueryClient();
  const incidentId = alert.incident_id ?? '';
  const { data } = useQuery(incidentQuery(incidentId));
  const named = data ? `#${data.number}` : 'the incident';
  const unlinking = useMutation({
    mutationFn: (reason: string) =>
      api.POST('/api/v1/incidents/{incident_id}/alerts/unlink', {
        params: { path: { incident_id: incidentId } },
        body: { alert_ids: [alert.id], reason: reason || null },
      }),
    onSuccess: () => {
      say({ title: `Unlinked from ${named}` });
      onLeave();
      // Lists stand still: their rows are read anew where they stand.
      return client.invalidateQueries({ queryKey: ['alerts'], predicate: (one) => !one.meta?.still });
    },
  });
  return (
    <FormDialog
      title={`Unlink from ${named}`}
      description={data?.title ?? alert.title}
      verb="Unlink alert"
      tone="danger"
      busy={unlinking.isPending}
      error={unlinking.error}
      onSubmit={(form) => unlinking.mutate(given(form, 'reason'))}
      onLeave={onLeave}
    >
      <p className="u-muted">The alert is in the queue again. What was copied of its events stays with the incident.</p>
      <TextField label="Why" name="reason" maxLength={2_000} autoFocus />
    </FormDialog>
  );
}
