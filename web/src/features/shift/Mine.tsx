import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { Reply } from '@/domain/Reply';
import { StatusIcon } from '@/domain/Status';
import type { AlertStatus } from '@/domain/statuses';
import { formatCount, words } from '@/lib/format';
import { Section } from '@/ui/Page';
import { Line } from './Lines';
import s from './Lists.module.css';
import { openAlerts, unfinished } from './links';
import { myAlertsQuery, myIncidentsQuery } from './queries';

/** What is the person's own to work on. */
export function Mine() {
  const incidents = useQuery(myIncidentsQuery);
  const alerts = useQuery(myAlertsQuery);
  return (
    <Section title="Mine" flush>
      <Reply of={incidents} lines={2}>
        {({ items, total }) =>
          items.length > 0 && (
            <>
              <p className={s.part}>
                <Link to={PATHS.incidents} search={unfinished('assignee:me')} className="u-link">
                  {formatCount(total ?? items.length)} {total === 1 ? 'incident' : 'incidents'}
                </Link>
              </p>
              <ul className={s.list}>
                {items.map((one) => (
                  <Line
                    key={one.id}
                    severity={one.severity}
                    title={`#${one.number} ${one.title}`}
                    to={{ incidentId: one.id }}
                  >
                    <span className={s.side}>{words(one.status)}</span>
                  </Line>
                ))}
              </ul>
            </>
          )
        }
      </Reply>
      <Reply of={alerts} lines={2}>
        {({ items, total }) =>
          items.length > 0 && (
            <>
              <p className={s.part}>
                <Link to={PATHS.alerts} search={openAlerts('assignee:me')} className="u-link">
                  {formatCount(total ?? items.length)} {total === 1 ? 'alert' : 'alerts'}
                </Link>
              </p>
              <ul className={s.list}>
                {items.map((one) => (
                  <Line key={one.id} severity={one.severity} title={one.title} to={{ alertId: one.id }}>
                    <StatusIcon status={one.status as AlertStatus} />
                  </Line>
                ))}
              </ul>
            </>
          )
        }
      </Reply>
      {incidents.data?.items.length === 0 && alerts.data?.items.length === 0 && (
        <p className={s.none}>
          Nothing is yours. Take an alert from the{' '}
          <Link to={PATHS.alerts} className="u-link">
            queue
          </Link>
          .
        </p>
      )}
    </Section>
  );
}
