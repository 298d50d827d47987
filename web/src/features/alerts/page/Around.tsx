import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Reply } from '@/domain/Reply';
import { SeverityGlyph } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import { severityLabel } from '@/domain/severities';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Section } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { State } from '@/ui/State';
import type { Alert, AlertDetail } from '../queries';
import s from './Around.module.css';
import { aroundQuery } from './queries';
import { aroundOf, entitiesOf } from './related';
import type { AlertPageSearch, Span } from './search';

interface Props {
  alert: AlertDetail;
  search: AlertPageSearch;
  onChange: (patch: AlertPageSearch) => void;
}

const SPAN_WORDS: readonly (readonly [Span, string])[] = [
  ['1h', 'An hour before and after'],
  ['24h', 'A day before and after'],
  ['7d', 'A week before and after'],
];

/** What else went on at the same host, user or address, around the alert. */
export function Around({ alert, search, onChange }: Props) {
  const entities = entitiesOf(alert.observables);
  const entity = entities.find((one) => one.key === search.entity) ?? entities[0];
  const span = search.span ?? '24h';
  const query = entity ? aroundOf(entity, alert, span) : '';
  const found = useQuery({ ...aroundQuery(alert.id, query), enabled: entity !== undefined });
  const total = found.data?.total ?? undefined;
  return (
    <Section
      title="Around the same entity"
      beside={
        total !== undefined && (
          <span className="u-subtle">
            {formatCount(total)} {total === 1 ? 'alert' : 'alerts'}
          </span>
        )
      }
      actions={
        entity && (
          <Link to="/alerts" search={{ query }} className="u-link">
            Open in alerts
          </Link>
        )
      }
    >
      {entity ? (
        <div className={s.around}>
          <div className={s.choices}>
            <Select
              label="Entity"
              value={entity.key}
              options={entities.map((one) => [one.key, `${one.type}: ${one.value}`])}
              onChange={(event) => onChange({ entity: event.target.value })}
            />
            <Select
              label="Span"
              value={span}
              options={SPAN_WORDS}
              onChange={(event) => onChange({ span: event.target.value as Span })}
            />
          </div>
          <Reply of={found} lines={4}>
            {(data) => (
              <>
                {data.degraded && <Banner tone="warning">Answered without search: {data.degraded}.</Banner>}
                <Timeline alerts={data.items} here={alert.id} />
                {data.next_cursor && <p className="u-subtle">The latest {data.items.length} are shown.</p>}
              </>
            )}
          </Reply>
        </div>
      ) : (
        <State title="No entity is known">Its events name no host, user or address.</State>
      )}
    </Section>
  );
}

function Timeline({ alerts, here }: { alerts: readonly Alert[]; here: string }) {
  const zone = useZoneLabel();
  const others = alerts.filter((one) => one.id !== here).length;
  return (
    <>
      <ol className={s.timeline} aria-label={`Alerts by when they were last seen (${zone})`}>
        {alerts.map((one) => (
          <li key={one.id} className={s.line} aria-current={one.id === here || undefined}>
            <Moment at={one.last_seen} />
            <span className={s.mark} title={severityLabel(one.severity)}>
              <SeverityGlyph severity={one.severity} />
              <span className="u-visually-hidden">{severityLabel(one.severity)}</span>
            </span>
            <span className={s.title}>
              {one.id === here ? (
                <strong>This alert</strong>
              ) : (
                <Link to="/alerts/$alertId" params={{ alertId: one.id }} className="u-strong">
                  {one.title}
                </Link>
              )}
              {one.count > 1 && <span className="u-subtle"> ×{formatCount(one.count)}</span>}
            </span>
            <span className={s.status}>
              <StatusText status={one.status} />
            </span>
          </li>
        ))}
      </ol>
      {others === 0 && <p className="u-subtle">Nothing else went on there in this span.</p>}
    </>
  );
}
