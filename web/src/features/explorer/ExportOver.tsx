import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { type Job, some } from '@/domain/job/job';
import { Button } from '@/ui/Button';
import { DialogActions } from '@/ui/Dialog';
import { complain, say } from '@/ui/toast';
import { exportPath } from './queries';

interface Props {
  job: Job;
  onLeave: () => void;
  onAgain: () => void;
}

/** The copy is there to be fetched, or why it is not. */
export function ExportOver({ job, onLeave, onAgain }: Props) {
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/exports/{job_id}/content', { params: { path: { job_id: job.id } } }),
    onSuccess: () => {
      say({ title: 'Copy deleted' });
      onLeave();
    },
    onError: (error) => complain({ title: 'Copy not deleted', description: asApiError(error).message }),
  });
  if (job.status !== 'done')
    return (
      <>
        <p role="status">
          {job.status === 'cancelled'
            ? 'Stopped; nothing of it is kept.'
            : `It failed: ${job.error ?? 'the reason is not known'}`}
        </p>
        <DialogActions>
          <Button onClick={onLeave}>Close</Button>
          <Button variant="primary" onClick={onAgain}>
            Begin again
          </Button>
        </DialogActions>
      </>
    );
  return (
    <>
      <p role="status">The copy has {some(job.done, 'event')}.</p>
      <p>
        <a className="u-link" href={exportPath(job.id)} download>
          Download {some(job.done, 'event')}
        </a>
      </p>
      <p className="u-subtle">
        It is kept for some days, and can be fetched again from{' '}
        <Link to={PATHS.jobs} className="u-link">
          the jobs
        </Link>
        .
      </p>
      <DialogActions>
        <Button busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete the copy
        </Button>
        <Button variant="primary" onClick={onLeave}>
          Done
        </Button>
      </DialogActions>
    </>
  );
}
