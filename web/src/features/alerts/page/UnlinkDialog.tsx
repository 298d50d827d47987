import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import type { AlertDetail } from '../queries';
import { incidentQuery } from './queries';

/** Out of its incident again. */
export function UnlinkDialog({ alert, onLeave }: { alert: AlertDetail; onLeave: () => void }) {
  const client = useQueryClient();
  const incidentId = alert.incident_id ?? '';
  const { data } = useQuery(incidentQuery(incidentId));
  const [reason, setReason] = useState('');
  const named = data ? `#${data.number}` : 'the incident';
  const unlinking = useMutation({
    mutationFn: () =>
      api.POST('/api/v1/incidents/{incident_id}/alerts/unlink', {
        params: { path: { incident_id: incidentId } },
        body: { alert_ids: [alert.id], reason: reason.trim() || null },
      }),
    onSuccess: () => {
      say({ title: `Unlinked from ${named}` });
      onLeave();
      return client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  return (
    <Dialog title={`Unlink from ${named}`} description={data?.title ?? alert.title} onLeave={onLeave}>
      <p className="u-muted">The alert is in the queue again. What was copied of its events stays with the incident.</p>
      <TextField
        label="Why"
        value={reason}
        maxLength={2000}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      {unlinking.isError && <Banner tone="danger">{asApiError(unlinking.error).message}</Banner>}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button variant="danger" busy={unlinking.isPending} onClick={() => unlinking.mutate()}>
          Unlink alert
        </Button>
      </DialogActions>
    </Dialog>
  );
}
