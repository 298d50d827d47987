import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { asApiError } from '@/api/problem';
import { ErrorState } from '@/domain/ErrorState';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Progress } from '@/ui/Progress';
import { Skeleton } from '@/ui/Skeleton';
import { complain } from '@/ui/toast';
import s from './JobDialog.module.css';
import { JobOver } from './JobOver';
import { cancelJob, isOver, type Job, jobQuery, some, startJob } from './job';

export interface JobProps {
  /** Makes a draft: what it would touch is fixed by it. */
  prepare: () => Promise<Job>;
  undo?: ((id: string) => Promise<Job>) | undefined;
  /** Close, Acknowledge: the same on the button, with the number behind it. */
  verb: string;
  /** In the past: Closed. */
  done: string;
  /** One of what it is done to: alert. */
  thing: string;
  /** What happens by it, under the number. */
  children?: ReactNode;
  danger?: boolean;
  /** It is over, or was left. */
  onOver: () => void;
  onLeave: () => void;
}

// A draft is made once, and is nobody else's.
const ONCE = { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false, refetchOnWindowFocus: false } as const;

/** One action on many: how many it would touch, then how far it is, then what became of it, and the way back. */
export function JobDialog(props: JobProps) {
  const { prepare, verb, thing, onLeave, onOver } = props;
  const draft = useQuery({ ...ONCE, queryKey: ['jobs', 'draft', useId()], queryFn: prepare });
  const { data: job = draft.data } = useQuery({ ...jobQuery(draft.data?.id ?? ''), enabled: draft.data !== undefined });
  function leave() {
    if (job?.status === 'draft') void cancelJob(job.id).catch(() => undefined);
    if (job && job.status !== 'draft') onOver();
    onLeave();
  }
  return (
    <Dialog title={`${verb} ${thing}s`} onLeave={leave}>
      {draft.isError && <ErrorState error={draft.error} onRetry={() => void draft.refetch()} />}
      {!job && !draft.isError && <Skeleton lines={2} />}
      {job?.status === 'draft' && (
        <Draft {...props} job={{ ...job, result: draft.data?.result ?? {} }} onLeave={leave} />
      )}
      {job && job.status !== 'draft' && !isOver(job) && <Running job={job} {...props} onLeave={leave} />}
      {job && isOver(job) && <JobOver job={job} {...props} onLeave={leave} />}
    </Dialog>
  );
}

export type StepProps = JobProps & { job: Job };

function Draft({ job, verb, thing, children, danger, onLeave }: StepProps) {
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => startJob(job.id),
    onSuccess: (begun) => client.setQueryData(jobQuery(job.id).queryKey, begun),
    // It may have begun, and only the answer was lost.
    onError: () => client.invalidateQueries({ queryKey: jobQuery(job.id).queryKey }),
  });
  const skipped = Object.values((job.result.will_skip ?? {}) as Record<string, number>).reduce(
    (sum, one) => sum + one,
    0,
  );
  return (
    <>
      <p>
        <strong className={s.number}>{some(job.total, thing)}</strong> {job.total === 1 ? 'matches' : 'match'} now
        {skipped > 0 && `; ${formatCount(skipped)} of them would be left out`}. What comes later is not touched.
      </p>
      {children}
      {start.isError && <ErrorState error={start.error} />}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button
          variant={danger ? 'danger' : 'primary'}
          busy={start.isPending}
          disabled={job.total === 0}
          onClick={() => start.mutate()}
          autoFocus
        >
          {verb} {some(job.total, thing)}
        </Button>
      </DialogActions>
    </>
  );
}

function Running({ job, done, thing, onLeave }: StepProps) {
  const stop = useMutation({
    mutationFn: () => cancelJob(job.id),
    onError: (error) => complain({ title: 'Not stopped', description: asApiError(error).message }),
  });
  const worked = job.done + job.skipped + job.failed;
  return (
    <>
      <div role="status" className={s.figures}>
        {done} {formatCount(job.done)} of {some(job.total, thing)}
      </div>
      <Progress label={`${done} so far`} value={worked} max={job.total} />
      <DialogActions>
        <Button busy={stop.isPending} disabled={job.cancel_requested_at !== null} onClick={() => stop.mutate()}>
          {job.cancel_requested_at ? 'Stopping…' : 'Stop'}
        </Button>
        <Button variant="primary" onClick={onLeave}>
          Go on working
        </Button>
      </DialogActions>
    </>
  );
}
