import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { formatCount } from '@/lib/format';
import { Section } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import type { AlertDetail } from '../queries';
import { suppressionNameQuery } from './queries';
import { type Reason, reasonOf } from './reasons';
import s from './Why.module.css';

/** Which rules made the alert what it is, in words, with their names for those who look them up. */
export function Why({ alert }: { alert: AlertDetail }) {
  return (
    <Section title="Why it fired">
      <div className={s.why}>
        <p>
          <Source alert={alert} />
        </p>
        {alert.explanation.map((one) => (
          <Applied key={`${one.rule}@${one.version}`} reason={reasonOf(one)} />
        ))}
        {alert.again && (
          <p className="u-muted">It has fired again, more severely or much more often, since it was acknowledged.</p>
        )}
        {alert.severity_by_hand && (
          <p className="u-muted">Somebody set its severity by hand; sensors do not change it.</p>
        )}
      </div>
    </Section>
  );
}

function Source({ alert }: { alert: AlertDetail }) {
  if (alert.created_by_id) return <>Somebody made this alert by hand, of what no sensor saw.</>;
  const { rule_id, module, dataset } = alert;
  if (!rule_id)
    return (
      <>
        <strong>{module}</strong> reported it in <code className="u-mono">{dataset}</code>, by no rule of a name.
      </>
    );
  return (
    <>
      <strong>{module}</strong> fired its rule <code className={s.field}>{rule_id}</code> in{' '}
      <code className={s.field}>{dataset}</code>
      {alert.count > 1 && <>, {formatCount(alert.count)} times so far</>}.
    </>
  );
}

function Applied({ reason }: { reason: Reason }) {
  return (
    <div className={s.reason} data-kind={reason.kind}>
      <h3 className={s.title}>
        {reason.title}
        <span className="u-subtle">
          {formatCount(reason.count)} {reason.count === 1 ? 'event' : 'events'}
        </span>
        <span className={s.rule}>
          {reason.suppressionId ? reason.rule.split('.')[0] : reason.rule} · version {reason.version}
        </span>
      </h3>
      <p className="u-muted">
        {reason.text}
        {reason.suppressionId && (
          <>
            {' '}
            <SuppressionLink id={reason.suppressionId} />
          </>
        )}
      </p>
      {reason.fields.length > 0 && (
        <ul className={s.fields}>
          {reason.fields.map((field) => (
            <li key={field}>
              <Tag>
                <span className="u-mono">{field}</span>
              </Tag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function SuppressionLink({ id }: { id: string }) {
  const { data } = useQuery(suppressionNameQuery(id));
  return (
    <Link to="/suppressions/$suppressionId" params={{ suppressionId: id }} className="u-link">
      {data?.name ?? 'The suppression'}
    </Link>
  );
}
