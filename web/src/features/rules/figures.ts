import type { components } from '@/api/schema';
import type { Verdict } from '@/domain/verdict';
import { oneOf, quoted } from '@/lib/query';

export type Rule = components['schemas']['RuleRead'];

/** The alerts behind a figure of a rule. */
export type Figure = 'alerts' | 'open' | 'suppressed' | Verdict;

/** The query that finds them: those last seen in the span. */
export function queryOf(
  rule: Pick<Rule, 'rule_id'>,
  figure: Figure,
  { from, to }: { from: string; to: string },
): string {
  const span = `last_seen:>="${from}" AND last_seen:<"${to}"`;
  return `${oneOf('rule.id', [rule.rule_id])} AND ${span} AND ${narrowing(figure)}`;
}

function narrowing(figure: Figure): string {
  switch (figure) {
    case 'alerts':
      return 'NOT status:suppressed';
    case 'open':
      return 'status:(new OR acknowledged OR in_progress)';
    case 'suppressed':
      return 'status:suppressed';
    default:
      return `verdict:${figure}`;
  }
}

/** What a suppression of a noisy rule begins with: nothing critical is hidden by it. */
export const suppressing = ({ rule_id }: Pick<Rule, 'rule_id'>): string =>
  `rule.id:${quoted(rule_id)} AND severity:<=high`;

/** Milliseconds of a duration of ISO 8601 without months, such as `P1DT2H3M4.5S`; undefined of what is none. */
export function millisecondsOf(duration: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration);
  if (!parts) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
