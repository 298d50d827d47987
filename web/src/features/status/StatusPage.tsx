import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { asApiError } from '@/api/problem';
import { ErrorState } from '@/domain/ErrorState';
import { Age, Moment } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { Banner } from '@/ui/Banner';
import { Columns, Page, Section, Stack } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { Panel } from './Panel';
import { Backlogs, Dependencies, Disks, Versions } from './Parts';
import { problemsOf } from './problems';
import { Queues } from './Queues';
import { type System, systemQuery } from './queries';
import s from './Status.module.css';
import { Stores, StoreWork } from './Stores';

/** The state of all that runs, readable when half of it does not. */
export default function StatusPage() {
  const system = useQuery(systemQuery);
  const { data, error, isError, dataUpdatedAt, errorUpdatedAt } = system;
  // The first of failures in a row; the newest is of seconds ago for ever.
  const failing = useRef<number | null>(null);
  if (isError) failing.current ??= errorUpdatedAt;
  else failing.current = null;
  return (
    <Page
      title="Status"
      beside={
        dataUpdatedAt > 0 && (
          <span className="u-subtle">
            as of <Age at={dataUpdatedAt} /> ago
          </span>
        )
      }
    >
      {isError && data && failing.current !== null && (
        <Banner tone="danger">
          <strong>The system does not say how it is</strong>, since <Moment at={failing.current} />:{' '}
          {asApiError(error).message} What is below is as of <Moment at={dataUpdatedAt} />; it is asked again every five
          seconds.
        </Banner>
      )}
      {!data &&
        (isError ? <ErrorState error={error} onRetry={() => void system.refetch()} /> : <Skeleton lines={10} />)}
      {data && <Whole system={data} />}
    </Page>
  );
}

function Whole({ system }: { system: System }) {
  return (
    <>
      <Verdict system={system} />
      <Columns>
        <Stack>
          <Section title="What it stands on">
            <Dependencies raw={system.dependencies} />
          </Section>
          <Panel title="Disks" of={system.controls}>
            {({ disks }) => <Disks raw={disks} />}
          </Panel>
          <Section title="Versions">
            <Versions system={system} />
          </Section>
        </Stack>
        <Stack>
          <Panel title="Queues" of={system.broker} flush>
            {({ queues }) => <Queues queues={queues} />}
          </Panel>
          <Panel title="Behind" of={system.backlogs}>
            {(value) => <Backlogs value={value} />}
          </Panel>
          <Panel title="Both stores" of={system.controls} actions={<StoreWork />}>
            {() => <Stores system={system} />}
          </Panel>
        </Stack>
      </Columns>
    </>
  );
}

function Verdict({ system }: { system: System }) {
  const problems = problemsOf(system, useNow(10_000));
  if (problems.length === 0)
    return (
      <Banner tone="success">
        <strong>All is well.</strong> Records are taken in, stored and found.
      </Banner>
    );
  return (
    <ul className={s.verdict} aria-label="What needs somebody">
      {problems.map(({ tone, said, so }) => (
        <li key={said}>
          <Banner tone={tone}>
            <strong>{said}.</strong> {so}
          </Banner>
        </li>
      ))}
    </ul>
  );
}
