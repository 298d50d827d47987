import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { SeverityGlyph } from '@/domain/Severity';
import { SEVERITIES, severityLabel } from '@/domain/severities';
import { formatCompact, formatCount, formatTotal } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';
import { facetsQuery } from './queries';
import s from './Summary.module.css';
import { type AlertSearch, isQueue } from './search';

interface Props {
  search: AlertSearch;
  total: number | null;
  /** When that was. */
  asOf: number;
  onSeverity: (severity: number) => void;
}

/** How much, and how bad. */
export const Summary = memo(function Summary({ search, total, asOf, onSeverity }: Props) {
  const { zone } = useLook();
  const { data } = useQuery(facetsQuery(search, ['severity']));
  const counts = new Map(data?.facets.severity?.map((one) => [Number(one.value), one.count]));
  const chosen = search.chosen?.severity ?? [];
  return (
    <div className={s.summary}>
      <p className={s.total} role="status">
        {total === null ? '…' : formatTotal(total)}
        <span className="u-visually-hidden"> alerts</span>
      </p>
      <p className={s.what}>
        {isQueue(search) ? 'open alerts' : 'alerts found'}
        {asOf > 0 && <span className={s.asOf}> as of {formatClock(asOf, zone)}</span>}
      </p>
      <ul className={s.severities} aria-label="By severity">
        {SEVERITIES.map((severity) => (
          <li key={severity}>
            <button
              type="button"
              className={s.severity}
              aria-pressed={chosen.includes(severity)}
              title={`${formatCount(counts.get(severity) ?? 0)} of severity ${severityLabel(severity).toLowerCase()}`}
              onClick={() => onSeverity(severity)}
            >
              <SeverityGlyph severity={severity} />
              {severityLabel(severity)}
              <span className={s.count}>{data ? formatCompact(counts.get(severity) ?? 0) : '…'}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
});
