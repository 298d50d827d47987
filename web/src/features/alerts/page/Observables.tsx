import { Link } from '@tanstack/react-router';
import { Compass, Siren } from 'lucide-react';
import { useState } from 'react';
import { Observable } from '@/domain/Observable';
import { useMay } from '@/domain/session';
import { defanged } from '@/lib/defang';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { Section } from '@/ui/Page';
import type { AlertDetail } from '../queries';
import s from './Observables.module.css';
import { alertsWith, around, eventsWith } from './related';

const SHOWN = 12;

/** What was seen in its events, to be copied without harm and looked for elsewhere. */
export function Observables({ alert }: { alert: AlertDetail }) {
  const [all, setAll] = useState(false);
  const { observables, observables_dropped: dropped } = alert;
  const shown = all ? observables : observables.slice(0, SHOWN);
  const text = observables.map((one) => defanged(one.value)).join('\n');
  return (
    <Section
      title="Observables"
      beside={<span className="u-subtle">{formatCount(observables.length)}</span>}
      actions={observables.length > 0 && <CopyButton text={text} label="Copy all, defanged" />}
      flush
    >
      {observables.length === 0 ? (
        <p className={s.none}>Nothing was seen in its events that could be looked for elsewhere.</p>
      ) : (
        <ul className={s.list}>
          {shown.map((one) => (
            <li key={one.id} className={s.line}>
              <Observable type={one.type} value={one.value} verdict={one.verdict} ioc={one.ioc} />
              <Pivots type={one.type} value={one.value} alert={alert} />
            </li>
          ))}
        </ul>
      )}
      {(observables.length > SHOWN || dropped > 0) && (
        <div className={s.more}>
          {observables.length > SHOWN && (
            <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
              {all ? 'Show fewer' : `Show all ${formatCount(observables.length)}`}
            </Button>
          )}
          {dropped > 0 && <span className="u-subtle">{formatCount(dropped)} more were seen than an alert keeps.</span>}
        </div>
      )}
    </Section>
  );
}

function Pivots({ type, value, alert }: { type: string; value: string; alert: AlertDetail }) {
  const mayEvents = useMay('events:read', alert.organization_id);
  return (
    <span className={s.pivots}>
      <Link
        to="/alerts"
        search={{ query: alertsWith(type, value) }}
        className={s.pivot}
        title="Alerts with it"
        aria-label={`Alerts with ${value}`}
      >
        <Siren size={13} aria-hidden="true" />
      </Link>
      {mayEvents && (
        <Link
          to="/explorer"
          search={{ query: eventsWith(type, value), ...around(alert) }}
          className={s.pivot}
          title="Events with it"
          aria-label={`Events with ${value}`}
        >
          <Compass size={13} aria-hidden="true" />
        </Link>
      )}
    </span>
  );
}
