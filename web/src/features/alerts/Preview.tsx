import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { SeverityBadge } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import { Time } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Tag } from '@/ui/Tag';
import s from './Preview.module.css';
import { type Alert, type AlertDetail, alertQuery } from './queries';

interface Props {
  alert: Alert;
  onAcknowledge: () => void;
  onClose: () => void;
  onLeave: () => void;
}

/** What there is to know before deciding, beside the queue. */
export function Preview({ alert, onAcknowledge, onClose, onLeave }: Props) {
  const detail = useQuery(alertQuery(alert.id));
  const open = alert.status !== 'closed' && alert.status !== 'suppressed';
  return (
    <aside className={s.preview} aria-label="Preview">
      <header className={s.head}>
        <SeverityBadge severity={alert.severity} />
        <StatusText status={alert.status} />
        <IconButton size="sm" label="Close the preview" onClick={onLeave}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      <h2 className={s.title}>{alert.title}</h2>
      {open && (
        <div className={s.actions}>
          <Button variant="primary" onClick={onAcknowledge} disabled={alert.status !== 'new'}>
            Acknowledge<Kbd>E</Kbd>
          </Button>
          <Button onClick={onClose}>
            Close…<Kbd>C</Kbd>
          </Button>
        </div>
      )}
      <dl className={s.facts}>
        <Fact name="Last seen">
          <Time at={alert.last_seen} />
        </Fact>
        <Fact name="First seen">
          <Time at={alert.first_seen} />
        </Fact>
        <Fact name="Events">{formatCount(alert.count)}</Fact>
        <Fact name="Risk">{alert.risk} of 100</Fact>
        {alert.rule_id && <Fact name="Rule">{alert.rule_id}</Fact>}
        <Fact name="Dataset">{alert.dataset}</Fact>
        {alert.techniques.length > 0 && (
          <Fact name="ATT&CK">
            {alert.techniques.map((one) => (
              <Tag key={one}>{one}</Tag>
            ))}
          </Fact>
        )}
      </dl>
      {detail.isError && <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />}
      {detail.data && <Seen detail={detail.data} />}
    </aside>
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

function Seen({ detail }: { detail: AlertDetail }) {
  return (
    <>
      <section className={s.section} aria-labelledby="explained">
        <h3 id="explained">Why it is here</h3>
        <ul>
          {detail.explanation.map((one) => (
            <li key={`${one.rule}@${one.version}`} className={s.line}>
              <span>
                {one.rule}@{one.version}
              </span>
              <span className={s.count}>{formatCount(one.count)} events</span>
            </li>
          ))}
        </ul>
      </section>
      <section className={s.section} aria-labelledby="observables">
        <h3 id="observables">Observables</h3>
        <ul>
          {detail.observables.map((one) => (
            <li key={one.id} className={s.line}>
              <span className={s.kind}>{one.type}</span>
              <span className={s.value} title={one.value}>
                {one.value}
              </span>
              {one.verdict && <Tag tone={one.verdict === 'malicious' ? 'danger' : undefined}>{one.verdict}</Tag>}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
