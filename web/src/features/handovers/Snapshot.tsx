import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import { Age, Moment, useZoneLabel } from '@/domain/Time';
import { words } from '@/lib/format';
import { Section } from '@/ui/Page';
import type { Handover } from './queries';
import s from './Snapshot.module.css';

type Kept = Handover['snapshot'];

/** How things stood when the handover was begun. */
export function Snapshot({ snapshot }: { snapshot: Kept }) {
  const zone = useZoneLabel();
  return (
    <Section title="How things stood" flush>
      <p className={s.when}>
        At <Moment at={snapshot.at} /> {zone}; new is what came since <Moment at={snapshot.since} />.
      </p>
      <Incidents title="New" of={snapshot.new} />
      <Incidents title="Open for over a week" of={snapshot.over_age} />
      <Incidents title="Waiting" of={snapshot.waiting} />
      <Part title="Quiet sensors" count={snapshot.silent_sensors.items.length} more={snapshot.silent_sensors.more}>
        {snapshot.silent_sensors.items.map((one) => (
          <li key={one.id} className={s.line}>
            <Link to={PATHS.sensor} params={{ sensorId: one.id }} className={s.title}>
              {one.name}
            </Link>
          </li>
        ))}
      </Part>
      <Part
        title="Suppressions that end"
        count={snapshot.ending_suppressions.items.length}
        more={snapshot.ending_suppressions.more}
      >
        {snapshot.ending_suppressions.items.map((one) => (
          <li key={one.id} className={s.line}>
            <Link to={PATHS.suppression} params={{ suppressionId: one.id }} className={s.title}>
              {one.name}
            </Link>
            <span className="u-subtle">
              <Age at={one.ends_at} />
            </span>
          </li>
        ))}
      </Part>
    </Section>
  );
}

function Incidents({ title, of }: { title: string; of: Kept['new'] }) {
  return (
    <Part title={title} count={of.items.length} more={of.more}>
      {of.items.map((one) => (
        <li key={one.id} className={s.line}>
          <SeverityGlyph severity={one.severity} />
          <span className="u-visually-hidden">{severityLabel(one.severity)}</span>
          <Link to={PATHS.incident} params={{ incidentId: one.id }} className={s.title} title={one.title}>
            #{one.number} {one.title}
          </Link>
          {(one.status === 'closed' || one.status === 'merged') && (
            <span className="u-subtle">{words(one.status)}</span>
          )}
        </li>
      ))}
    </Part>
  );
}

function Part({ title, count, more, children }: { title: string; count: number; more: number; children: ReactNode }) {
  return (
    <details className={s.part} open={count > 0}>
      <summary className={s.summary}>
        {title} <strong data-none={count === 0 ? '' : undefined}>{count + more}</strong>
      </summary>
      <ul>{children}</ul>
      {more > 0 && <p className={s.more}>and {more} more</p>}
    </details>
  );
}
