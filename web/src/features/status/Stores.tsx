import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { useMay } from '@/domain/session';
import { Age, Moment } from '@/domain/Time';
import { formatCount, words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { Menu } from '@/ui/Menu';
import { Stack } from '@/ui/Page';
import { Progress } from '@/ui/Progress';
import { Tag } from '@/ui/Tag';
import { type StoreJob, storeJobsIn } from './parse';
import type { System } from './queries';
import s from './Status.module.css';
import { useWork } from './work';

/** Whether both stores agree, what is done about it, and what is kept how long. */
export function Stores({ system }: { system: System }) {
  const { controls, generations } = system;
  const jobs = storeJobsIn(controls.value?.store_jobs);
  const building = (generations.value ?? []).filter((one) => one.state !== 'current' && one.state !== 'active');
  return (
    <Stack>
      {jobs.length === 0 && (
        <p className="u-muted">
          The stores were never compared by hand. Maintenance looks at one index a minute by itself.
        </p>
      )}
      <ul className={s.rows}>
        {jobs.map((job) => (
          <StoreJobRow key={job.name} job={job} />
        ))}
      </ul>
      <KeyValue
        facts={[
          ...Object.entries(controls.value?.retention_floors ?? {}).map(
            ([kind, at]) => [`${words(kind)} kept since`, <Moment key={kind} at={at} />] as const,
          ),
          ...building.map((one) => [`${one.line} ${one.generation}`, `${one.state}: ${one.index}`] as const),
        ]}
      />
    </Stack>
  );
}

function StoreJobRow({ job }: { job: StoreJob }) {
  const { name, phase, done, total, outcome, finishedAt, updatedAt, differ } = job;
  return (
    <li className={s.disk}>
      <p className={s.diskHead}>
        <strong className={s.name}>{words(name)}</strong>
        <Tag tone={finishedAt ? (outcome === 'equal' || outcome === 'switched' ? 'success' : undefined) : 'accent'}>
          {finishedAt ? words(outcome ?? 'ended') : (phase ?? 'under way')}
        </Tag>
        <span className={s.figure}>
          {finishedAt ? (
            <>
              ended <Age at={finishedAt} /> ago
            </>
          ) : (
            updatedAt && (
              <>
                told <Age at={updatedAt} /> ago
              </>
            )
          )}
        </span>
      </p>
      {!finishedAt && total > 0 && <Progress label={words(name)} value={done} max={total} />}
      {total > 0 && (
        <p className="u-subtle">
          {formatCount(done)} of {formatCount(total)}
        </p>
      )}
      {differ.length > 0 && <p className="u-muted">Differed: {differ.join(', ')}</p>}
    </li>
  );
}

const REPAIR =
  'Repairs what differs in every index: writes what search lacks, deletes what it has too many. Postgres is the truth and never changed.';
const REINDEX =
  'Fills a new index from Postgres, then switches to it. Readers see the old one until then. It takes the disk for both.';

/** What operators can have done with the stores. */
export function StoreWork() {
  const may = useMay('system:write');
  const [asking, setAsking] = useState<'repair' | 'alerts' | 'incidents' | null>(null);
  const working = useWork('Started');
  if (!may) return null;
  return (
    <>
      <Link to={PATHS.jobs} className="u-link">
        Jobs
      </Link>
      <Menu
        trigger={<Button size="sm">Compare or repair</Button>}
        items={[
          { label: 'Compare both stores', onSelect: () => working.mutate({ kind: 'drift' }) },
          { label: 'Repair what differs…', onSelect: () => setAsking('repair') },
          'line',
          { label: 'Reindex alerts…', onSelect: () => setAsking('alerts') },
          { label: 'Reindex incidents…', onSelect: () => setAsking('incidents') },
        ]}
      />
      {asking && (
        <ConfirmDialog
          title={asking === 'repair' ? 'Repair both stores' : `Reindex ${asking}`}
          verb={asking === 'repair' ? 'Repair' : `Reindex ${asking}`}
          busy={working.isPending}
          onConfirm={() =>
            working.mutate(asking === 'repair' ? { kind: 'repair' } : { kind: 'reindex', what: asking }, {
              onSettled: () => setAsking(null),
            })
          }
          onLeave={() => setAsking(null)}
        >
          {asking === 'repair' ? REPAIR : REINDEX}
        </ConfirmDialog>
      )}
    </>
  );
}
