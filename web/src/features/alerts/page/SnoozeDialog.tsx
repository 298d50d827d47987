import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { Moment } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { fieldOf, formatMoment, momentOf, zoneLabel } from '@/lib/zone';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Row, Stack } from '@/ui/Page';
import { Switch } from '@/ui/Switch';
import { say } from '@/ui/toast';
import { type AlertDetail, alertQuery } from '../queries';
import { LONGEST_SNOOZE, presets } from './snoozes';

/** Put off for oneself: it leaves one's own lists until then, and nobody else's. */
export function SnoozeDialog({ alert, onLeave }: { alert: AlertDetail; onLeave: () => void }) {
  const { zone } = useLook();
  const [now] = useState(Date.now);
  const [own, setOwn] = useState('');
  const [untilEvent, setUntilEvent] = useState(true);
  const putting = useSnooze(alert.id, onLeave);
  const until = momentOf(own, zone);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (until) putting.mutate({ until, untilEvent });
  }
  return (
    <Dialog
      title="Snooze alert"
      description="It leaves your own lists until then; others see it as before."
      onLeave={onLeave}
    >
      <form onSubmit={submit}>
        <Stack>
          {alert.snoozed_until && (
            <Banner
              action={
                <Button size="sm" busy={putting.isPending} onClick={() => putting.mutate(null)}>
                  Wake
                </Button>
              }
            >
              Snoozed until <Moment at={alert.snoozed_until} />.
            </Banner>
          )}
          <Row>
            {presets(now, zone).map(([label, at]) => (
              <Button
                key={label}
                title={formatMoment(at, zone)}
                busy={putting.isPending}
                onClick={() => putting.mutate({ until: at, untilEvent })}
              >
                {label}
              </Button>
            ))}
          </Row>
          <TextField
            label={`Or until (${zoneLabel(zone)})`}
            type="datetime-local"
            value={own}
            min={fieldOf(now, zone)}
            max={fieldOf(now + LONGEST_SNOOZE, zone)}
            help="Seven days at most."
            onChange={(event) => setOwn(event.target.value)}
          />
          <Switch label="Wake at the next event, too" checked={untilEvent} onChange={setUntilEvent} />
          {putting.isError && <Banner tone="danger">{asApiError(putting.error).message}</Banner>}
          <DialogActions>
            <Button onClick={onLeave}>Cancel</Button>
            <Button type="submit" variant="primary" busy={putting.isPending} disabled={!until}>
              Snooze
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Null wakes it. */
function useSnooze(alertId: string, onDone: () => void) {
  const client = useQueryClient();
  const params = { path: { alert_id: alertId } };
  return useMutation({
    mutationFn: async (wanted: { until: string; untilEvent: boolean } | null) => {
      if (wanted === null) await api.DELETE('/api/v1/alerts/{alert_id}/snooze', { params });
      else
        await api.PUT('/api/v1/alerts/{alert_id}/snooze', {
          params,
          body: { until: wanted.until, until_event: wanted.untilEvent },
        });
    },
    onSuccess: (_, wanted) => {
      say({ title: wanted ? 'Snoozed' : 'Awake' });
      onDone();
      return client.invalidateQueries({ queryKey: alertQuery(alertId).queryKey });
    },
  });
}
