import type { components } from '@/api/schema';
import type { Chosen } from '@/domain/list/search';
import type { Verdict } from '@/domain/verdict';
import { quoted } from '@/lib/query';

export type Rule = components['schemas']['RuleRead'];

/** The alerts behind a figure of a rule. */
export type Figure = 'alerts' | 'open' | 'suppressed' | Verdict;

/** The list that has them, with each choice to be taken away again: those last seen in the span. */
export function searchOf(
  { rule_id }: Pick<Rule, 'rule_id'>,
  figure: Figure,
  { from, to }: { from: string; to: string },
) {
  return { chosen: { 'rule.id': [rule_id], ...narrowing(figure) }, from, to };
}

function narrowing(figure: Figure): Chosen {
  switch (figure) {
    case 'alerts':
      return { '-status': ['suppressed'] };
    case 'open':
      return { status: ['new', 'acknowledged', 'in_progress'] };
    case 'suppressed':
      return { status: ['suppressed'] };
    default:
      return { verdict: [figure] };
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
