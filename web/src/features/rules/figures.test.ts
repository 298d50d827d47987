import { expect, test } from 'vitest';
import { millisecondsOf, queryOf, suppressing } from './figures';
import { momentsOf, parseRules } from './search';

const SPAN = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-27T00:00:00.000Z' };

test.each([
  ['alerts', 'NOT status:suppressed'],
  ['open', 'status:(new OR acknowledged OR in_progress)'],
  ['suppressed', 'status:suppressed'],
  ['false_positive', 'verdict:false_positive'],
] as const)('%s are found by their query', (figure, narrowing) => {
  expect(queryOf({ rule_id: '1:9"0' }, figure, SPAN)).toBe(
    `rule.id:"1:9\\"0" AND last_seen:>="${SPAN.from}" AND last_seen:<"${SPAN.to}" AND ${narrowing}`,
  );
});

test('what suppresses a rule leaves critical events out', () => {
  expect(suppressing({ rule_id: '5715' })).toBe('rule.id:"5715" AND severity:<=high');
});

test.each([
  ['PT1H2M3.5S', 3_723_500],
  ['P2DT1H', 176_400_000],
  ['PT0S', 0],
  ['soon', undefined],
])('%s', (duration, milliseconds) => {
  expect(millisecondsOf(duration)).toBe(milliseconds);
});

test('only what is ours is let in, and a range is of whole minutes', () => {
  expect(parseRules({ range: '1y', organization: '', x: 1 })).toEqual({ range: undefined, organization: undefined });
  expect(momentsOf('24h', Date.parse('2026-11-27T10:00:59Z'))).toEqual({
    from: '2026-11-26T10:00:00.000Z',
    to: '2026-11-27T10:00:00.000Z',
  });
});
