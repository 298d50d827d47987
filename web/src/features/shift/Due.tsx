import { useQuery } from '@tanstack/react-query';
import { Reply } from '@/domain/Reply';
import { useNow } from '@/domain/useNow';
import { formatSpan } from '@/lib/format';
import { Section } from '@/ui/Page';
import { nextClock, nextDue } from './dueDates';
import { Line } from './Lines';
import s from './Lists.module.css';
import { clockedIncidentsQuery, LOOKED_THROUGH, waitingAlertsQuery } from './queries';

const SHOWN = 5;
const SOON_MS = 30 * 60_000;

/** What is late, or will be next: alerts that nobody has acknowledged, and the clocks of incidents. */
export function Due() {
  const alerts = useQuery(waitingAlertsQuery);
  const incidents = useQuery(clockedIncidentsQuery);
  return (
    <Section title="Due next" beside={<span className="u-subtle">by the clocks of your organization</span>} flush>
      <Reply of={incidents} lines={2}>
        {({ items }) => {
          const clocked = items.flatMap(({ clocks = [], ...one }) => {
            const clock = nextClock(clocks);
            return clock ? [{ ...one, due_at: clock.due_at, clock: clock.clock }] : [];
          });
          const next = nextDue(clocked, SHOWN);
          return (
            next.length > 0 && (
              <>
                <p className={s.part}>
                  Incidents{items.length === LOOKED_THROUGH && `, of the ${LOOKED_THROUGH} most severe`}
                </p>
                <ul className={s.list}>
                  {next.map((one) => (
                    <Line
                      key={one.id}
                      severity={one.severity}
                      title={`#${one.number} ${one.title}`}
                      to={{ incidentId: one.id }}
                    >
                      <Until at={one.due_at} what={one.clock} />
                    </Line>
                  ))}
                </ul>
              </>
            )
          );
        }}
      </Reply>
      <Reply of={alerts} lines={3}>
        {({ items }) => {
          const next = nextDue(items, SHOWN);
          return (
            <>
              <p className={s.part}>
                Alerts to acknowledge{items.length === LOOKED_THROUGH && `, of the ${LOOKED_THROUGH} riskiest`}
              </p>
              {next.length === 0 && <p className={s.none}>None is waiting.</p>}
              <ul className={s.list}>
                {next.map((one) => (
                  <Line key={one.id} severity={one.severity} title={one.title} to={{ alertId: one.id }}>
                    <Until at={one.due_at} />
                  </Line>
                ))}
              </ul>
            </>
          );
        }}
      </Reply>
    </Section>
  );
}

function Until({ at, what }: { at: string; what?: string }) {
  const left = Date.parse(at) - useNow();
  return (
    <span
      className={s.side}
      data-late={left < 0 ? '' : undefined}
      data-soon={left >= 0 && left < SOON_MS ? '' : undefined}
    >
      {what && `${what} `}
      {left < 0 ? `late ${formatSpan(-left)}` : `in ${formatSpan(left)}`}
    </span>
  );
}
