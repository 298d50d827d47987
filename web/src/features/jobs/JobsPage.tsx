import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { JobProgress, JobTag } from '@/domain/JobState';
import type { Job } from '@/domain/job/job';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { Time, useZoneLabel } from '@/domain/Time';
import { useRefresh } from '@/domain/useRefresh';
import { Page, Section } from '@/ui/Page';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Actions } from './Actions';
import { JobDrawer } from './JobDrawer';
import { jobsQuery } from './queries';
import { titleOf } from './words';

const route = getRouteApi('/app/jobs');

/** What takes longer than a request: bulk actions, copies, the work of maintenance. */
export default function JobsPage() {
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(jobsQuery);
  const zone = useZoneLabel();
  useRefresh('job', [['jobs']]);
  return (
    <Page title="Jobs" beside={<LiveIndicator />}>
      <Section title="The latest first" flush>
        <Reply of={list}>
          {({ pages }) => (
            <Table
              label="Jobs"
              columns={columns(zone)}
              rows={pages.flatMap((page) => page.items)}
              keyOf={(job) => job.id}
              empty={
                <State title="No jobs yet">
                  Actions on many alerts, copies that are taken, and what maintenance is asked for stand here.
                </State>
              }
              more={
                list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined
              }
            />
          )}
        </Reply>
      </Section>
      {open && <JobDrawer id={open} onLeave={() => void navigate({ search: {} })} />}
    </Page>
  );
}

const columns = (zone: string): Column<Job>[] => [
  {
    name: 'Job',
    grow: true,
    cell: (job) => (
      <Link to={PATHS.jobs} search={{ open: job.id }} className="u-strong">
        {titleOf(job)}
      </Link>
    ),
  },
  { name: 'State', cell: (job) => <JobTag job={job} /> },
  { name: 'Rows', cell: (job) => <JobProgress job={job} /> },
  {
    name: 'By',
    minor: true,
    cell: (job) => (
      <span className="u-cut">
        <Person id={job.created_by_id} nobody="A token" />
      </span>
    ),
  },
  { name: `Asked for (${zone})`, minor: true, cell: (job) => <Time at={job.created_at} /> },
  { name: 'Actions', quiet: true, align: 'end', cell: (job) => <Actions job={job} /> },
];
