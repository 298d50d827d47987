import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Reply } from '@/domain/Reply';
import { SeverityGlyph } from '@/domain/Severity';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import { similarQuery } from '../queries';
import s from './Side.module.css';

/** Incidents that share values with it which tell something. */
export function SimilarOnes() {
  const { incident } = useHere();
  const similar = useQuery(similarQuery(incident.id));
  return (
    <Part title="Similar incidents">
      <Reply of={similar} lines={2}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="u-subtle">None shares a telling value with it.</p>
          ) : (
            <ul className={s.list}>
              {rows.map((row) => (
                <li key={row.id} className={s.one}>
                  <Link className="u-strong" to={PATHS.incident} params={{ incidentId: row.id }}>
                    #{row.number} {row.title}
                  </Link>
                  <span />
                  <span className={s.under}>
                    <SeverityGlyph severity={row.severity} />
                    <IncidentStatusText status={row.status} />
                    <span title={row.shared.map(({ value }) => value).join('\n')}>
                      {row.shared_count} shared {row.shared_count === 1 ? 'value' : 'values'}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Reply>
    </Part>
  );
}
