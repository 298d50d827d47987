import type { CSSProperties } from 'react';
import { SeverityGlyph } from '@/domain/Severity';
import { SEVERITIES, severityLabel } from '@/domain/severities';
import { VERDICTS } from '@/domain/verdict';
import { formatCount } from '@/lib/format';
import { type Column, Table } from '@/ui/Table';
import { formatDuration } from './duration';
import type { Dashboard } from './queries';
import s from './Times.module.css';

type Took = Dashboard['times']['all']['acknowledge'];

/** How fast incidents are worked, in medians: one that was open for a year moves a mean alone. */
export function Times({ times }: { times: Dashboard['times'] }) {
  const rows = SEVERITIES.flatMap((severity) => {
    const of = times.by_severity[severity];
    return of ? [{ severity, ...of }] : [];
  });
  return (
    <div className={s.times}>
      <dl className={s.all}>
        <Figure
          name="To acknowledge"
          took={times.all.acknowledge}
          received={times.all.received}
          formula={times.formulas.mtta}
        />
        <Figure
          name="To resolve"
          took={times.all.resolve}
          received={times.all.received}
          formula={times.formulas.mttr}
        />
      </dl>
      {rows.length > 0 && (
        <Table label="Median times by severity" columns={COLUMNS} rows={rows} keyOf={(row) => String(row.severity)} />
      )}
    </div>
  );
}

type Row = { severity: number } & Dashboard['times']['all'];

const COLUMNS: readonly Column<Row>[] = [
  {
    name: 'Severity',
    cell: ({ severity }) => (
      <span className={s.severity}>
        <SeverityGlyph severity={severity} />
        {severityLabel(severity)}
      </span>
    ),
  },
  { name: 'Received', cell: ({ received }) => formatCount(received), align: 'end' },
  { name: 'Acknowledge', cell: ({ acknowledge }) => medianOf(acknowledge), align: 'end' },
  { name: 'Resolve', cell: ({ resolve }) => medianOf(resolve), align: 'end' },
];

const medianOf = ({ median_seconds }: Took) =>
  median_seconds === null ? <span className={s.none}>none yet</span> : formatDuration(median_seconds);

function Figure({
  name,
  took,
  received,
  formula,
}: {
  name: string;
  took: Took;
  received: number;
  formula: string | undefined;
}) {
  return (
    <div className={s.figure} title={formula}>
      <dt>{name}</dt>
      <dd className={s.median}>{medianOf(took)}</dd>
      <dd className="u-subtle">
        median of {formatCount(took.count)} of {formatCount(received)}
        {took.mean_seconds !== null && ` · mean ${formatDuration(took.mean_seconds)}`}
      </dd>
    </div>
  );
}

/** What the closed alerts turned out to be. */
export function VerdictShares({ verdicts }: { verdicts: NonNullable<Dashboard['verdicts']> }) {
  if (verdicts.of_alerts === 0) return <p className="u-muted">Nobody closed an alert in this time.</p>;
  return (
    <ul className={s.verdicts}>
      {VERDICTS.map(([verdict, label]) => {
        const { count = 0, share = 0 } = verdicts.by_verdict[verdict] ?? {};
        return (
          <li key={verdict} className={s.verdict}>
            <span>{label}</span>
            <span className={s.track} aria-hidden="true">
              <span className={s.bar} style={{ '--share': share } as CSSProperties} />
            </span>
            <span>{Math.round(share * 100)} %</span>
            <span className="u-subtle">{formatCount(count)}</span>
          </li>
        );
      })}
    </ul>
  );
}
