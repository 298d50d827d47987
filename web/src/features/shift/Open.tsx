import { Link } from '@tanstack/react-router';
import type { CSSProperties, ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { SeverityGlyph } from '@/domain/Severity';
import { SEVERITIES, severityLabel, severityName } from '@/domain/severities';
import { formatCount } from '@/lib/format';
import { AGES, aged, openAlerts, unfinished } from './links';
import s from './Open.module.css';
import type { Dashboard } from './queries';

/** What is open: how bad, how old and whose. Each number leads to what it counts. */
export function Open({ dashboard: { alerts, incidents } }: { dashboard: Dashboard }) {
  return (
    <div className={s.kinds}>
      {alerts && (
        <Kind title="Alerts" counted={alerts} age="created_at" to={PATHS.alerts} search={openAlerts}>
          <Count to={PATHS.alerts} search={openAlerts('NOT assignee:*')} count={alerts.unassigned} of="nobody’s" />
        </Kind>
      )}
      <Kind title="Incidents" counted={incidents} age="received_at" to={PATHS.incidents} search={unfinished}>
        <Count to={PATHS.incidents} search={unfinished('NOT assignee:*')} count={incidents.unassigned} of="nobody’s" />
        <Count to={PATHS.incidents} search={{ query: 'status:on_hold' }} count={incidents.on_hold} of="on hold" />
        {incidents.in_review > 0 && (
          <span>
            <strong>{formatCount(incidents.in_review)}</strong> in review
          </span>
        )}
      </Kind>
    </div>
  );
}

type Listed = typeof PATHS.alerts | typeof PATHS.incidents;
type Search = ReturnType<typeof openAlerts> | ReturnType<typeof unfinished>;

interface KindProps {
  title: string;
  counted: Pick<Dashboard['incidents'], 'total' | 'by_severity' | 'by_age'>;
  /** The field that an age is reckoned from. */
  age: string;
  to: Listed;
  search: (query?: string) => Search;
  children: ReactNode;
}

function Kind({ title, counted, age, to, search, children }: KindProps) {
  const most = Math.max(1, ...SEVERITIES.map((one) => counted.by_severity[one] ?? 0));
  return (
    <section className={s.kind} aria-label={title}>
      <p className={s.head}>
        <Link to={to} search={search()} className={s.total}>
          {formatCount(counted.total)}
        </Link>
        {title.toLowerCase()} open
      </p>
      <ul className={s.severities}>
        {SEVERITIES.map((severity) => {
          const count = counted.by_severity[severity] ?? 0;
          return (
            <li key={severity} className={s.severity}>
              <SeverityGlyph severity={severity} />
              <span>{severityLabel(severity)}</span>
              <span className={s.track} aria-hidden="true">
                <span
                  className={s.bar}
                  data-severity={severityName(severity)}
                  style={{ '--share': count / most } as CSSProperties}
                />
              </span>
              <Link
                to={to}
                search={search(`severity:${severity}`)}
                className={s.count}
                data-none={count === 0 ? '' : undefined}
              >
                {formatCount(count)}
              </Link>
            </li>
          );
        })}
      </ul>
      <dl className={s.ages}>
        {AGES.map((one) => (
          <div key={one[0]}>
            <dt>{one[1]}</dt>
            <dd>
              <Link
                to={to}
                search={search(aged(age, one))}
                className={s.count}
                data-none={counted.by_age[one[0]] ? undefined : ''}
              >
                {formatCount(counted.by_age[one[0]] ?? 0)}
              </Link>
            </dd>
          </div>
        ))}
      </dl>
      <p className={s.whose}>{children}</p>
    </section>
  );
}

function Count({ to, search, count, of }: { to: Listed; search: Search; count: number; of: string }) {
  return (
    <span>
      <Link to={to} search={search} className={s.count}>
        {formatCount(count)}
      </Link>{' '}
      {of}
    </span>
  );
}
