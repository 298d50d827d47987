import { useQuery } from '@tanstack/react-query';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { DialogActions } from '@/ui/Dialog';
import type { StepProps } from './JobDialog';
import s from './JobDialog.module.css';
import { reasonsQuery, some } from './job';
import { takeBack } from './useQuickJob';

/** What became of a job: how many were changed, which were not and why, and the way back. */
export function JobOver({ job, done, thing, undo, onLeave, onOver }: StepProps) {
  const untouched = job.total - job.done - job.skipped - job.failed;
  return (
    <>
      <p className="u-visually-hidden" role="status">
        {done} {some(job.done, thing)}
      </p>
      <dl className={s.outcome}>
        <Figure name="Matched" count={job.total} />
        <Figure name={done} count={job.done} />
        <Figure name="Left out" count={job.skipped} />
        <Figure name="Failed" count={job.failed} />
      </dl>
      {job.status === 'cancelled' && <p>Stopped. {some(untouched, thing)} were not touched.</p>}
      {job.error && <p className={s.error}>{job.error}</p>}
      {job.skipped > 0 && <Reasons id={job.id} status="skipped" />}
      {job.failed > 0 && <Reasons id={job.id} status="failed" />}
      <DialogActions>
        {undo && job.done > 0 && (
          <Button
            onClick={() => {
              void takeBack(job.id, undo, thing, onOver);
              onLeave();
            }}
          >
            Undo
          </Button>
        )}
        <Button variant="primary" onClick={onLeave} autoFocus>
          Done
        </Button>
      </DialogActions>
    </>
  );
}

function Figure({ name, count }: { name: string; count: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{formatCount(count)}</dd>
    </div>
  );
}

function Reasons({ id, status }: { id: string; status: 'skipped' | 'failed' }) {
  const { data = [] } = useQuery(reasonsQuery(id, status));
  return <p className="u-subtle">{`${status === 'skipped' ? 'Left out' : 'Failed'}: ${data.join(', ')}`}</p>;
}
