import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Time } from '@/domain/Time';
import { formatBytes, formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { ConfirmDialog, Dialog, DialogActions } from '@/ui/Dialog';
import { State } from '@/ui/State';
import { type ParkedMessage, parkedQuery } from './queries';
import s from './Status.module.css';
import { useWork } from './work';

const MOST = 10_000;

type Verb = 'parked_requeue' | 'parked_drop';
const isParked = (queue: string): queue is 'events.parked' | 'changes.parked' =>
  queue === 'events.parked' || queue === 'changes.parked';

/** What was given up on, the oldest first, and what to do with it. */
export function Parked({ queue, onLeave }: { queue: string; onLeave: () => void }) {
  const parked = useQuery(parkedQuery(queue));
  const may = useMay('system:write') && isParked(queue);
  const [asking, setAsking] = useState<Verb | null>(null);
  const working = useWork('Started');
  const count = Math.min(MOST, parked.data?.messages ?? 0);
  const none = count === 0 ? 'The queue is empty.' : undefined;
  function go(kind: Verb) {
    if (!isParked(queue)) return;
    working.mutate({ kind, queue, limit: count }, { onSuccess: onLeave, onSettled: () => setAsking(null) });
  }
  return (
    <Dialog
      title={queue}
      description="Messages that could not be worked on. They stay until somebody decides."
      size="side"
      onLeave={onLeave}
    >
      <Reply of={parked}>
        {({ messages, items }) =>
          items.length === 0 ? (
            <State title="Nothing is parked">No message was given up on.</State>
          ) : (
            <>
              <p className="u-muted">
                {formatCount(messages)} messages{messages > items.length && `, of which the oldest ${items.length}`}
              </p>
              <ul>
                {items.map((one, at) => (
                  <Message key={one.message_id ?? at} one={one} />
                ))}
              </ul>
            </>
          )
        }
      </Reply>
      <DialogActions>
        <Button onClick={onLeave}>Close</Button>
        {may && (
          <>
            <Button
              variant="danger"
              disabled={none !== undefined}
              title={none}
              onClick={() => setAsking('parked_drop')}
            >
              Drop {formatCount(count)}…
            </Button>
            <Button
              variant="primary"
              disabled={none !== undefined}
              title={none}
              onClick={() => setAsking('parked_requeue')}
            >
              Re-drive {formatCount(count)}…
            </Button>
          </>
        )}
      </DialogActions>
      {asking && (
        <ConfirmDialog
          title={`${asking === 'parked_drop' ? 'Drop' : 'Re-drive'} ${formatCount(count)} messages of ${queue}`}
          verb={
            asking === 'parked_drop' ? `Drop ${formatCount(count)} messages` : `Re-drive ${formatCount(count)} messages`
          }
          busy={working.isPending}
          onConfirm={() => go(asking)}
          onLeave={() => setAsking(null)}
        >
          {asking === 'parked_drop'
            ? 'They leave the queue and are never worked on. A copy of each stays with the job for as long as retention keeps jobs.'
            : 'A copy of each goes back to the queue it came from. What fails again is parked again; what was done before is not done twice.'}
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function Message({ one }: { one: ParkedMessage }) {
  return (
    <li className={s.message}>
      <p className={s.messageHead}>
        {one.at && <Time at={one.at} />}
        <span>from {one.queue ?? 'an unknown queue'}</span>
        <span>{one.reason ?? 'no reason given'}</span>
        <span>tried {formatCount(one.attempt)} times</span>
        <span>{formatBytes(one.bytes)}</span>
        {one.correlation_id && (
          <span className="u-mono">
            {one.correlation_id} <CopyButton text={one.correlation_id} label="Copy the id in the logs" />
          </span>
        )}
      </p>
      {one.head ? (
        <code className={s.cut}>{one.head}</code>
      ) : (
        <p className="u-subtle">How it begins is shown to who operates every organization.</p>
      )}
    </li>
  );
}
