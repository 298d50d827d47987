import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { JobProgress, JobTag } from '@/domain/JobState';
import { type Job, jobQuery } from '@/domain/job/job';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { Moment, Time } from '@/domain/Time';
import { formatCount, words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog, Dialog, DialogActions } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { Section } from '@/ui/Page';
import { Actions } from './Actions';
import { Items } from './Items';
import s from './Jobs.module.css';
import { useJobAction } from './useJobAction';
import { factsOf, hasCopy, isMoment, titleOf } from './words';

/** One job: what was asked for, how it went, and with which rows it did not. */
export function JobDrawer({ id, onLeave }: { id: string; onLeave: () => void }) {
  const job = useQuery(jobQuery(id));
  const deleting = useJobAction();
  const [asking, setAsking] = useState(false);
  const { data } = job;
  return (
    <Dialog title={data ? titleOf(data) : 'Job'} size="side" onLeave={onLeave}>
      <Reply of={job}>
        {(found) => (
          <div className={s.job}>
            {found.error && <Banner tone="danger">{words(found.error)}</Banner>}
            <Facts job={found} />
            <Items job={found} />
          </div>
        )}
      </Reply>
      <DialogActions>
        {data && hasCopy(data) && (
          <Button variant="danger" onClick={() => setAsking(true)}>
            Delete the copy…
          </Button>
        )}
        {data && <Actions job={data} />}
        <Button onClick={onLeave}>Close</Button>
      </DialogActions>
      {asking && data && (
        <ConfirmDialog
          title={`Delete: ${titleOf(data)}`}
          verb="Delete the copy"
          busy={deleting.isPending}
          onConfirm={() => deleting.mutate({ job: data, action: 'delete' }, { onSettled: () => setAsking(false) })}
          onLeave={() => setAsking(false)}
        >
          Its {formatCount(data.done)} rows cannot be fetched any more. What was copied stays where it is.
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function Facts({ job }: { job: Job }) {
  const { incident_id, ...result } = job.result as { incident_id?: string };
  return (
    <>
      <KeyValue
        facts={[
          ['State', <JobTag key="state" job={job} />],
          ['Rows', <JobProgress key="rows" job={job} />],
          ['By', <Person key="by" id={job.created_by_id} nobody="A token" />],
          ['Asked for', <Time key="created" at={job.created_at} />],
          ['Begun', job.started_at && <Time key="started" at={job.started_at} />],
          ['Ended', job.finished_at && <Time key="finished" at={job.finished_at} />],
          ['Incident', incident_id && <IncidentLink key="incident" id={incident_id} />],
          ['Takes back', job.undo_of_id && <JobLink key="undo" id={job.undo_of_id} />],
          ['Taken back by', job.undone_by_id && <JobLink key="undone" id={job.undone_by_id} />],
          [
            'Id',
            <span key="id" className="u-mono">
              {job.id}
            </span>,
          ],
        ]}
      />
      <Said title="What was asked for" facts={factsOf(job.parameters)} />
      <Said title="What came of it" facts={factsOf(result)} />
    </>
  );
}

function Said({ title, facts }: { title: string; facts: readonly (readonly [string, string])[] }) {
  if (facts.length === 0) return null;
  return (
    <Section title={title}>
      <KeyValue facts={facts.map(([name, said]) => [name, isMoment(said) ? <Moment key={name} at={said} /> : said])} />
    </Section>
  );
}

function JobLink({ id }: { id: string }) {
  return (
    <Link to={PATHS.jobs} search={{ open: id }} className="u-link">
      another job
    </Link>
  );
}

function IncidentLink({ id }: { id: string }) {
  return (
    <Link to={PATHS.incident} params={{ incidentId: id }} className="u-link">
      Open the incident
    </Link>
  );
}
