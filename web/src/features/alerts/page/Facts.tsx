import type { ReactNode } from 'react';
import { Person } from '@/domain/Person';
import { Age, Time, useZoneLabel } from '@/domain/Time';
import { formatCount, words } from '@/lib/format';
import { Tag } from '@/ui/Tag';
import type { AlertDetail } from '../queries';
import s from './Facts.module.css';

/** What is asked of an alert first, side by side. */
export function Facts({ alert }: { alert: AlertDetail }) {
  const zone = useZoneLabel();
  return (
    <dl className={s.facts}>
      <Fact name="Risk">
        <strong className={s.large}>{alert.risk}</strong> <span className="u-subtle">of 100</span>
      </Fact>
      <Fact name="Events">
        <strong className={s.large}>{formatCount(alert.count)}</strong>
        {alert.hidden > 0 && <span className="u-subtle"> {formatCount(alert.hidden)} hidden</span>}
      </Fact>
      <Fact name={`First seen (${zone})`}>
        <Time at={alert.first_seen} />
      </Fact>
      <Fact name={`Last seen (${zone})`}>
        <Time at={alert.last_seen} />
      </Fact>
      <Fact name="Assignee">
        <Person id={alert.assignee_id} />
      </Fact>
      <Fact name={alert.status === 'closed' ? 'Verdict' : 'To be acknowledged'}>
        {alert.status === 'closed' ? <Ending alert={alert} /> : <Clock clock={alert.clock} />}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={s.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Ending({ alert }: { alert: AlertDetail }) {
  const said = [alert.verdict, alert.reason].filter((one) => one !== null).map((one) => words(one));
  return said.length > 0 ? said.join(' · ') : <span className="u-subtle">None was given</span>;
}

const TONES = { running: undefined, warned: 'warning', breached: 'danger', paused: undefined, met: 'success' } as const;

/** How its clock stands, in a word; the colour says it again. */
function Clock({ clock }: { clock: AlertDetail['clock'] }) {
  if (!clock) return <span className="u-subtle">No time is set</span>;
  const { state, due_at, met_at, breached_at } = clock;
  if (state === 'met')
    return (
      <Tag tone={breached_at ? 'warning' : 'success'}>
        {breached_at ? 'Done late' : 'Done in time'}
        {met_at && (
          <>
            , <Age at={met_at} /> ago
          </>
        )}
      </Tag>
    );
  if (!due_at) return <Tag>Paused</Tag>;
  return (
    <Tag tone={TONES[state]}>
      {state === 'breached' ? (
        <>
          Overdue by <Age at={due_at} />
        </>
      ) : (
        <>
          Due <Age at={due_at} />
        </>
      )}
    </Tag>
  );
}
