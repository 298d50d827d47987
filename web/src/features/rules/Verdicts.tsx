import { Link } from '@tanstack/react-router';
import { VERDICTS } from '@/domain/verdict';
import { formatCount } from '@/lib/format';
import { queryOf, type Rule } from './figures';
import s from './Rules.module.css';

/** What people made of a rule's alerts: a bar of shares, and the counts as links. */
export function Verdicts({ rule, span }: { rule: Rule; span: { from: string; to: string } }) {
  const { shares } = rule;
  if (!shares) return <span className="u-subtle">None was closed</span>;
  const there = VERDICTS.filter(([verdict]) => (rule.verdicts[verdict] ?? 0) > 0);
  return (
    <div className={s.verdicts}>
      <span className={s.bar} aria-hidden="true">
        {there.map(([verdict, label]) => (
          <span
            key={verdict}
            data-verdict={verdict}
            title={`${label}: ${Math.round((shares[verdict] ?? 0) * 100)} %`}
            style={{ inlineSize: `${(shares[verdict] ?? 0) * 100}%` }}
          />
        ))}
      </span>
      {there.map(([verdict, label]) => (
        <Link key={verdict} to="/alerts" search={{ query: queryOf(rule, verdict, span) }} className={s.verdict}>
          <span className={s.dot} data-verdict={verdict} aria-hidden="true" />
          {Math.round((shares[verdict] ?? 0) * 100)} % {label.toLowerCase()}
          <span className="u-visually-hidden">, {formatCount(rule.verdicts[verdict] ?? 0)} alerts</span>
        </Link>
      ))}
    </div>
  );
}
