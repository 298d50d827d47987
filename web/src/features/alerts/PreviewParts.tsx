import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { Json } from '@/domain/Json';
import { Observable } from '@/domain/Observable';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { SeverityGlyph } from '@/domain/Severity';
import { useMay } from '@/domain/session';
import { Technique } from '@/domain/Technique';
import { Age, Time } from '@/domain/Time';
import { formatCount, formatTotal, words } from '@/lib/format';
import { KeyValue } from '@/ui/KeyValue';
import { Tag } from '@/ui/Tag';
import { Due } from './Due';
import { Entities } from './Entities';
import s from './Preview.module.css';
import { type AlertDetail, eventQuery, offersQuery, relatedQuery } from './queries';

interface Props {
  detail: AlertDetail;
}

/** Why it is here, and what there is to know of it. */
export function Overview({ detail }: Props) {
  return (
    <>
      <Part title="Why it is here">
        <ul>
          {detail.explanation.map((one) => (
            <li key={`${one.rule}@${one.version}`} className={s.why}>
              <span>
                <code>{one.rule}</code> made {formatCount(one.count)} {one.count === 1 ? 'event' : 'events'} one alert,
                alike in
              </span>
              <span className={s.fields}>
                {one.fields.map((field) => (
                  <code key={field}>{field}</code>
                ))}
              </span>
            </li>
          ))}
          {detail.explanation.length === 0 && <li className={s.none}>Somebody opened it by hand.</li>}
        </ul>
      </Part>
      <KeyValue
        facts={[
          ['Entities', detail.entities.length > 0 && <Entities key="between" entities={detail.entities} />],
          ['Last seen', <Time key="last" at={detail.last_seen} />],
          ['First seen', <Time key="first" at={detail.first_seen} />],
          ['Events', formatCount(detail.count)],
          ['Hidden', detail.hidden > 0 && `${formatCount(detail.hidden)} by suppressions`],
          ['Risk', `${detail.risk} of 100`],
          ['Due', detail.due_at && <Due at={detail.due_at} />],
          ['Rule', detail.rule_id && <span className="u-mono">{detail.rule_id}</span>],
          ['Dataset', detail.dataset],
          ['ATT&CK', detail.techniques.length > 0 && <Techniques ids={detail.techniques} />],
          ['Tags', detail.tags.length > 0 && <Tags tags={detail.tags} />],
          ['Assignee', <Person key="who" id={detail.assignee_id} />],
          ['Incident', detail.incident_id && <Incident id={detail.incident_id} />],
          [
            'Verdict',
            detail.verdict &&
              `${words(detail.verdict)}${detail.reason ? `: ${words(detail.reason).toLowerCase()}` : ''}`,
          ],
        ]
          .filter(([, value]) => value !== false)
          .map(([name, value]) => [String(name), value] as const)}
      />
      {detail.observables.length > 0 && (
        <Part title="Observables">
          <List detail={detail} most={5} />
        </Part>
      )}
    </>
  );
}

/** What was seen in it that can be looked for elsewhere. */
export function Seen({ detail }: Props) {
  if (detail.observables.length === 0) return <p className={s.none}>Nothing in it can be looked for elsewhere.</p>;
  return (
    <>
      <List detail={detail} most={200} />
      {detail.observables_dropped > 0 && (
        <p className={s.none}>{formatCount(detail.observables_dropped)} more were seen and not kept.</p>
      )}
    </>
  );
}

function List({ detail, most }: Props & { most: number }) {
  return (
    <ul className={s.box}>
      {detail.observables.slice(0, most).map((one) => (
        <li key={one.id}>
          <Observable type={one.type} value={one.value} verdict={one.verdict} ioc={one.ioc} />
        </li>
      ))}
      {detail.observables.length > most && (
        <li className={s.none}>{detail.observables.length - most} more in Observables</li>
      )}
    </ul>
  );
}

/** Where the same was seen, and incidents that it may belong to. */
export function Related({ detail }: Props) {
  const related = useQuery(relatedQuery(detail));
  const offers = useQuery({ ...offersQuery(detail.id), enabled: !detail.incident_id });
  return (
    <>
      {offers.data && offers.data.length > 0 && (
        <Part title="Incidents like it">
          <ul className={s.box}>
            {offers.data.map((one) => (
              <li key={one.id} className={s.line}>
                <SeverityGlyph severity={one.severity} />
                <Link to={PATHS.incident} params={{ incidentId: one.id }} className={s.cut}>
                  #{one.number} {one.title}
                </Link>
                <span className={s.none}>{words(one.status)}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {detail.observables.length === 0 ? (
        <p className={s.none}>Nothing was seen in it by which others could be found.</p>
      ) : (
        <Reply of={related} lines={6}>
          {({ items, total = null }) => (
            <Part title={`Alerts with the same observables${total === null ? '' : ` (${formatTotal(total)})`}`}>
              <ul className={s.box}>
                {items.map((one) => (
                  <li key={one.id} className={s.line}>
                    <SeverityGlyph severity={one.severity} />
                    <Link to={PATHS.alert} params={{ alertId: one.id }} className={s.cut}>
                      {one.title}
                    </Link>
                    <span className={s.none}>
                      <Age at={one.last_seen} />
                    </span>
                  </li>
                ))}
                {items.length === 0 && <li className={s.none}>None.</li>}
              </ul>
            </Part>
          )}
        </Reply>
      )}
    </>
  );
}

/** Its latest event, as it was kept. */
export function RawEvent({ detail }: Props) {
  const may = useMay('events:read', detail.organization_id);
  const latest = detail.events.items[0];
  const event = useQuery({ ...eventQuery(latest?.id ?? ''), enabled: may && latest !== undefined });
  if (!may) return <p className={s.none}>Your role may not see events.</p>;
  if (!latest) return <p className={s.none}>It has no events that are kept.</p>;
  return (
    <Reply of={event} lines={12}>
      {({ document }) => <Json value={document} label="Latest event" />}
    </Reply>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={s.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

const Techniques = ({ ids }: { ids: readonly string[] }) => (
  <span className={s.tags}>
    {ids.map((id) => (
      <Technique key={id} id={id} />
    ))}
  </span>
);

const Tags = ({ tags }: { tags: readonly string[] }) => (
  <span className={s.tags}>
    {tags.map((tag) => (
      <Tag key={tag}>{tag}</Tag>
    ))}
  </span>
);

const Incident = ({ id }: { id: string }) => (
  <Link to={PATHS.incident} params={{ incidentId: id }} className="u-link">
    Open the incident
  </Link>
);
