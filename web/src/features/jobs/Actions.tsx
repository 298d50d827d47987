import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '@/domain/job/job';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import s from './Jobs.module.css';
import { isUnderWay } from './queries';
import { type Action, useJobAction } from './useJobAction';
import { hasCopy, titleOf, undoOf } from './words';

/** What can be done with a job now. */
export function Actions({ job }: { job: Job }) {
  const acting = useJobAction();
  const [asking, setAsking] = useState<Action | null>(null);
  const busy = acting.isPending;
  const act = (action: Action) => acting.mutate({ job, action }, { onSettled: () => setAsking(null) });
  return (
    <div className={s.actions}>
      {hasCopy(job) && (
        <a className={s.download} href={`/api/v1/exports/${job.id}/content`} download>
          <Download size={13} aria-hidden="true" />
          Download
        </a>
      )}
      {job.status === 'draft' && (
        <Button size="sm" variant="primary" onClick={() => setAsking('start')}>
          Start…
        </Button>
      )}
      {(isUnderWay(job) || job.status === 'draft') && (
        <Button
          size="sm"
          busy={busy}
          disabled={job.cancel_requested_at !== null}
          title={job.cancel_requested_at !== null ? 'It ends behind the rows that are done.' : undefined}
          onClick={() => act('cancel')}
        >
          Cancel
        </Button>
      )}
      {undoOf(job) && (
        <Button size="sm" onClick={() => setAsking('undo')}>
          Take back…
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={`${asking === 'undo' ? 'Take back' : 'Start'}: ${titleOf(job)}`}
          verb={asking === 'undo' ? `Take back ${formatCount(job.done)}` : `Start with ${formatCount(job.total)} rows`}
          busy={busy}
          onConfirm={() => act(asking)}
          onLeave={() => setAsking(null)}
        >
          {asking === 'undo'
            ? `The ${formatCount(job.done)} alerts are put as they were, where nobody has changed them since. Notes stay.`
            : `It is done to exactly the ${formatCount(job.total)} rows that it was previewed with.`}
        </ConfirmDialog>
      )}
    </div>
  );
}
