import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { SeverityBadge } from '@/domain/Severity';
import { useMay } from '@/domain/session';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Skeleton } from '@/ui/Skeleton';
import { Table } from '@/ui/Table';
import s from './Effect.module.css';
import { type Asked, type DryRun, dryRunQuery, examplesQuery } from './queries';
import { When } from './When';

/** What a suppression would have hidden: how much, when, and some of it. */
export function Effect({ asked }: { asked: Asked }) {
  const { data, error, isError, refetch } = useQuery(dryRunQuery(asked));
  const mayEvents = useMay('events:read', asked.organizationId);
  if (isError) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={4} />;
  return (
    <div className={s.effect}>
      <Figures run={data} days={asked.days} />
      <Costs run={data} />
      {mayEvents && data.events > 0 && (
        <>
          <When query={asked.query} from={data.since} to={data.until} windowed={asked.recurrence !== null} />
          <Examples query={asked.query} from={data.since} to={data.until} />
        </>
      )}
    </div>
  );
}

function Figures({ run, days }: { run: DryRun; days: number }) {
  const severities = Object.entries(run.by_severity).sort(([one], [other]) => Number(other) - Number(one));
  return (
    <>
      <p className="u-muted">
        {run.events === 0
          ? `It would have hidden nothing in the last ${days} days.`
          : `In the last ${days} days it would have hidden:`}
      </p>
      <dl className={s.figures}>
        <Figure name="Events">{formatCount(run.events)}</Figure>
        <Figure name="Alerts gone" hint={`of ${formatCount(run.alerts)} these are in`}>
          {formatCount(run.alerts_gone)}
          {run.more && '+'}
        </Figure>
        <Figure name="True positives lost" tone={run.true_positives > 0 ? 'danger' : undefined}>
          {formatCount(run.true_positives)}
        </Figure>
        <Figure name="Hidden anyway" hint="by others">
          {formatCount(run.already_hidden)}
        </Figure>
      </dl>
      {severities.length > 0 && (
        <ul className={s.severities} aria-label="Alerts gone by severity">
          {severities.map(([severity, count]) => (
            <li key={severity}>
              <SeverityBadge severity={Number(severity)} /> {formatCount(count)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Figure({
  name,
  hint,
  tone,
  children,
}: {
  name: string;
  hint?: string;
  tone?: 'danger' | undefined;
  children: ReactNode;
}) {
  return (
    <div className={s.figure} data-tone={tone}>
      <dt>{name}</dt>
      <dd>
        {children}
        {hint && <small>{hint}</small>}
      </dd>
    </div>
  );
}

function Costs({ run }: { run: DryRun }) {
  return (
    <>
      {run.true_positives > 0 && (
        <Banner tone="danger">
          It would have hidden what was closed as a true positive:{' '}
          {run.true_positive_ids.map((id, at) => (
            <span key={id}>
              {at > 0 && ', '}
              <Link to="/alerts/$alertId" params={{ alertId: id }} target="_blank" className="u-link">
                alert {at + 1}
              </Link>
            </span>
          ))}
          {run.true_positives > run.true_positive_ids.length && ' and more'}. Narrow the query.
        </Banner>
      )}
      {run.needs_approval && (
        <Banner tone="warning">
          It could hide critical events, so somebody else has to approve it before it hides anything. Join{' '}
          <code className="u-mono">AND severity:&lt;=high</code> to leave these out.
        </Banner>
      )}
      {run.more && <Banner>There are more alerts than were looked at; the counts of alerts are of those.</Banner>}
    </>
  );
}

function Examples({ query, from, to }: { query: string; from: string; to: string }) {
  const { data } = useQuery(examplesQuery(query, from, to));
  const zone = useZoneLabel();
  if (!data) return null;
  return (
    <div className={s.examples}>
      <Table
        label="Events that match"
        rows={data.items}
        keyOf={(one) => one.id}
        columns={[
          { name: `Latest (${zone})`, cell: (one) => <Moment at={one.time} /> },
          { name: 'Event', grow: true, cell: (one) => one.title ?? one.rule_name ?? one.dataset },
          {
            name: 'Host',
            minor: true,
            cell: (one) => <span className="u-mono">{one.host[0] ?? one.source_ip[0]}</span>,
          },
          { name: 'Severity', cell: (one) => <SeverityBadge severity={one.severity} /> },
        ]}
      />
    </div>
  );
}
