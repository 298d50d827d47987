import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { formatCount } from '@/lib/format';
import { quoted } from '@/lib/query';
import s from './Lists.module.css';
import { openAlerts } from './links';
import type { Dashboard } from './queries';

const LAST_DAY = 'last_seen:>now-24h';

/** The rules that fire most. */
export function TopRules({ rules }: { rules: NonNullable<Dashboard['top_rules']> }) {
  if (rules.length === 0) return <p className={s.none}>No rule fired in a day.</p>;
  return (
    <ul className={s.list}>
      {rules.map((one) => (
        <li key={`${one.organization_id} ${one.rule_id}`} className={s.line}>
          <Link
            to={PATHS.alerts}
            search={{
              status: ['new', 'acknowledged', 'in_progress', 'closed'],
              query: `rule.id:${quoted(one.rule_id)} AND ${LAST_DAY}`,
            }}
            className={s.title}
            title={`${one.title} (${one.rule_id})`}
          >
            {one.title}
          </Link>
          <span className={s.side}>{formatCount(one.alerts)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Where most open alerts come from. */
export function TopSources({ sources }: { sources: NonNullable<Dashboard['top_sources']> }) {
  if (sources.items.length === 0) return <p className={s.none}>No open alert of a day names a source.</p>;
  return (
    <ul className={s.list}>
      {sources.items.map((one) => (
        <li key={one.value} className={s.line}>
          <Link
            to={PATHS.alerts}
            search={openAlerts(`source.ip:${quoted(one.value)} AND ${LAST_DAY}`)}
            className={`${s.title} ${s.mono}`}
          >
            {one.value}
          </Link>
          <span className={s.side}>{formatCount(one.alerts)}</span>
        </li>
      ))}
    </ul>
  );
}
