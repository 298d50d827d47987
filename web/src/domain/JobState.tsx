import type { components } from '@/api/schema';
import { formatCount } from '@/lib/format';
import { Progress } from '@/ui/Progress';
import { Tag } from '@/ui/Tag';
import s from './JobState.module.css';

type Job = components['schemas']['JobRead'];

const SAID: Record<Job['status'], readonly [label: string, tone?: 'accent' | 'success' | 'danger']> = {
  draft: ['Draft'],
  pending: ['Waiting', 'accent'],
  running: ['Running', 'accent'],
  done: ['Done', 'success'],
  failed: ['Failed', 'danger'],
  cancelled: ['Cancelled'],
};

/** How a job stands in a word. */
export function JobTag({ job }: { job: Job }) {
  const [label, tone] = SAID[job.status];
  const ending = job.cancel_requested_at !== null && (job.status === 'running' || job.status === 'pending');
  return <Tag tone={tone}>{ending ? 'Being cancelled' : label}</Tag>;
}

/** How far it is, and what became of its rows. */
export function JobProgress({ job }: { job: Job }) {
  const { total, done, skipped, failed, status } = job;
  const under = status === 'running' || status === 'pending';
  if (status === 'draft') return <span className={s.said}>{formatCount(total)} would be</span>;
  const parts = [
    done > 0 && `${formatCount(done)} done`,
    skipped > 0 && `${formatCount(skipped)} skipped`,
    failed > 0 && `${formatCount(failed)} failed`,
  ].filter(Boolean);
  return (
    <div className={s.progress}>
      {under && total > 0 && <Progress label="How far it is" value={done + skipped + failed} max={total} />}
      <span className={s.said}>
        {parts.join(' · ') || (under ? 'nothing yet' : 'nothing')}
        {total > 0 && <span className="u-subtle"> of {formatCount(total)}</span>}
      </span>
    </div>
  );
}
