import type { ReactNode } from 'react';
import type { components } from '@/api/schema';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Tag } from '@/ui/Tag';
import { Json } from './Json';
import { Observable } from './Observable';
import { Place } from './Place';
import { reasonLabel, reasonMend } from './reasons';
import { SeverityBadge } from './Severity';
import { Technique } from './Technique';
import { Moment, useZoneLabel } from './Time';
import s from './Trial.module.css';

type Tried = components['schemas']['Trial'];
type TriedEvent = components['schemas']['TriedEvent'];

/** What a record would become: its events as the system reads them, or why it cannot be one. */
export function Trial({ trial, record }: { trial: Tried; record: string }) {
  return (
    <div className={s.trial}>
      {trial.outcomes.map((outcome, at) => {
        // Outcomes have nothing else to be told apart by.
        const key = `${outcome.outcome}-${at}`;
        if (outcome.outcome === 'event') return <ReadEvent key={key} event={outcome} />;
        if (outcome.outcome === 'ignored')
          return (
            <Banner key={key} tone="warning">
              <strong>It would be left out.</strong> The sensor leaves records of the type{' '}
              <code className="u-mono">{outcome.type}</code> out; they are counted, not kept.
            </Banner>
          );
        return (
          <Banner key={key} tone="danger">
            <strong>{reasonLabel(outcome.reason)}.</strong> {outcome.detail}
            <Place text={record} detail={outcome.detail} />
            {reasonMend(outcome.reason) && <p className={s.mend}>{reasonMend(outcome.reason)}</p>}
          </Banner>
        );
      })}
      {trial.more > 0 && <p className="u-subtle">And {formatCount(trial.more)} more of the same post.</p>}
    </div>
  );
}

function ReadEvent({ event }: { event: TriedEvent }) {
  const zone = useZoneLabel();
  return (
    <article className={s.event} aria-label={event.title}>
      <header className={s.head}>
        <SeverityBadge severity={event.severity} />
        <strong className={s.title}>{event.title}</strong>
        <Tag tone={event.kind === 'alert' ? 'accent' : undefined}>{event.kind === 'alert' ? 'Alert' : 'Telemetry'}</Tag>
        {event.resolves && <Tag tone="success">Says it is over</Tag>}
      </header>
      <dl className={s.facts}>
        <Fact name={`Time (${zone})`}>
          <Moment at={event.time} />
        </Fact>
        <Fact name="Dataset">{event.dataset}</Fact>
        {event.rule_id && <Fact name="Rule">{event.rule_id}</Fact>}
        {event.techniques.length > 0 && (
          <Fact name="ATT&CK">
            {event.techniques.map((id) => (
              <Technique key={id} id={id} />
            ))}
          </Fact>
        )}
      </dl>
      {event.observables.length > 0 && (
        <ul className={s.observables} aria-label="Observables">
          {event.observables.map(({ type, value }) => (
            <li key={`${type} ${value}`}>
              <Observable type={type} value={value} />
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary className={s.summary}>The whole document</summary>
        <Json value={event.document} label="Document" />
      </details>
    </article>
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
