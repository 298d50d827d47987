import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '@/api/client';
import { PATHS } from '@/app/paths';
import { Json } from '@/domain/Json';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { Moment } from '@/domain/Time';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { useChange } from '../change';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import { type EventCopy, eventQuery } from '../queries';

/** One copied event: its document by ECS names, and the record as it was received. */
export function EventDialog({ event, onLeave }: { event: EventCopy; onLeave: () => void }) {
  const { incident, mayChange } = useHere();
  const detail = useQuery(eventQuery(incident.id, event.id));
  const change = useChange(incident.id, { onDone: onLeave });
  const params = { path: { incident_id: incident.id, copy_id: event.id } };
  return (
    <Dialog size="side" title={event.title ?? 'Event'} onLeave={onLeave}>
      <Facts event={event} />
      {!event.intact && <Banner tone="danger">This copy is not what was copied: its hash is another one.</Banner>}
      <Reply of={detail} lines={8}>
        {({ document, original, original_encoding }) => (
          <>
            {document && (
              <Part title="Document">
                <Json label="Document" value={document} />
              </Part>
            )}
            {original !== null && (
              <Part title={original_encoding === 'base64' ? 'Original, in base64' : 'Original'}>
                <Code label="Original" text={original} />
              </Part>
            )}
          </>
        )}
      </Reply>
      <DialogActions>
        <Button onClick={onLeave}>Done</Button>
        {mayChange && event.picked && (
          <Button
            variant="danger"
            busy={change.isPending}
            disabled={incident.legal_hold}
            title={incident.legal_hold ? 'It is on legal hold' : undefined}
            onClick={() =>
              change.mutate({
                send: () => api.DELETE('/api/v1/incidents/{incident_id}/events/{copy_id}', { params }),
                said: 'Let the event go',
              })
            }
          >
            Let it go
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Facts({ event }: { event: EventCopy }) {
  return (
    <KeyValue
      facts={[
        ['Time', <Moment key="time" at={event.time} />],
        ['Received', <Moment key="received" at={event.received_at} />],
        [
          'Alert',
          event.alert_id && (
            <Link key="alert" className="u-link" to={PATHS.alert} params={{ alertId: event.alert_id }}>
              {event.alert_id}
            </Link>
          ),
        ],
        ['Picked by', event.picked_by_id && <Person key="picked" id={event.picked_by_id} />],
        [
          'SHA-256',
          <span key="hash" className="u-mono">
            {event.sha256}
          </span>,
        ],
      ]}
    />
  );
}
