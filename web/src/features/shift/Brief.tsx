import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { useSession } from '@/domain/session';
import { Age } from '@/domain/Time';
import { Banner } from '@/ui/Banner';
import { Section } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import s from './Brief.module.css';
import { Line } from './Lines';
import list from './Lists.module.css';
import { lastHandoverQuery } from './queries';

const SHOWN = 5;
const TONES = { draft: undefined, signed: 'warning', accepted: 'success' } as const;

/** What the shift before says, at a glance. */
export function Brief() {
  const last = useQuery(lastHandoverQuery);
  const { user } = useSession();
  const all = (
    <Link to={PATHS.handovers} className="u-link">
      All handovers
    </Link>
  );
  return (
    <Section title="Handover" actions={all} flush>
      <Reply of={last} lines={3}>
        {(handover) =>
          handover === null ? (
            <p className={list.none}>No shift has been handed over yet.</p>
          ) : (
            <>
              <div className={s.head}>
                <Link to={PATHS.handover} params={{ handoverId: handover.id }} className="u-strong">
                  {handover.shift}
                </Link>
                <Tag tone={TONES[handover.status]}>{handover.status}</Tag>
                <span className="u-subtle">
                  <Age at={handover.created_at} />
                </span>
              </div>
              <div className={s.who}>
                <Person id={handover.outgoing_id} />
                <span aria-hidden="true">→</span>
                <span className="u-visually-hidden">to</span>
                <Person id={handover.incoming_id} nobody="Nobody yet" />
              </div>
              {handover.status === 'signed' && handover.incoming_id === user.id && (
                <div className={s.who}>
                  <Banner tone="warning">It waits for you to accept it.</Banner>
                </div>
              )}
              <ul className={list.list}>
                {handover.items.slice(0, SHOWN).map((one) => (
                  <Line
                    key={one.incident_id}
                    severity={one.severity}
                    title={`#${one.number} ${one.next_step || one.title}`}
                    to={{ incidentId: one.incident_id }}
                  />
                ))}
              </ul>
              {handover.items.length > SHOWN && <p className={list.none}>{handover.items.length - SHOWN} more steps</p>}
            </>
          )
        }
      </Reply>
    </Section>
  );
}
