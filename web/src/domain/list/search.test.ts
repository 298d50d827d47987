import { expect, test } from 'vitest';
import { lastLabel, rangeOf, spanOf } from './range';
import { filtersOf, parseListSearch, sameChoice, searchOf, toggled, wholeQuery } from './search';

test('what is not ours in a URL is left out', () => {
  const raw = {
    query: 1,
    chosen: { 'host.name': ['a', null], 'b c': ['d'] },
    from: 'soon',
    last: '3y',
    columns: ['a', 1],
    x: 1,
  };
  expect(parseListSearch(raw)).toEqual({
    query: undefined,
    chosen: { 'host.name': ['a'] },
    last: undefined,
    from: undefined,
    to: undefined,
    sort: undefined,
    columns: ['a'],
    view: undefined,
    open: undefined,
  });
  expect(parseListSearch({ chosen: {} }).chosen).toEqual({});
  expect(rangeOf({ last: '24h', from: '2026-11-24' })).toEqual({ last: '24h', from: undefined, to: undefined });
});

const search = {
  query: 'a OR b',
  chosen: { severity: [4, 5], '-rule.name': ['ssh "x"'] },
  from: '2026-11-24T00:00:00.000Z',
};

test('choices are queries of their own, and one query together, which is read back', () => {
  expect(filtersOf(search, 'last_seen')).toEqual([
    'severity:(4 OR 5)',
    'NOT rule.name:"ssh \\"x\\""',
    'last_seen:>="2026-11-24T00:00:00.000Z"',
  ]);
  const whole = wholeQuery(search, 'last_seen') ?? '';
  expect(whole).toBe(
    '(a OR b) AND (severity:(4 OR 5)) AND (NOT rule.name:"ssh \\"x\\"") AND (last_seen:>="2026-11-24T00:00:00.000Z")',
  );
  expect(searchOf(whole, 'last_seen')).toEqual({ last: undefined, to: undefined, ...search });
  expect(wholeQuery({}, 'last_seen')).toBeUndefined();
});

test('fields of events have digits in their names, and the case that their sensor gave them', () => {
  const chosen = { 'file.hash.sha256': ['a'], '-sensor.srcIp': ['b'] };
  expect(parseListSearch({ chosen: { ...chosen, 'a)': ['c'] } }).chosen).toEqual(chosen);
});

test('a range that goes on with the time stays so', () => {
  expect(wholeQuery({ last: '24h' }, 'last_seen')).toBe('last_seen:>now-24h');
  expect(searchOf('last_seen:>now-24h', 'last_seen').last).toBe('24h');
  expect(searchOf('created_at:>now-24h', 'last_seen')).toMatchObject({ query: 'created_at:>now-24h', last: undefined });
  expect([spanOf('15m'), spanOf('0h'), lastLabel('1h'), lastLabel('15m')]).toEqual([
    900_000,
    undefined,
    'Last hour',
    'Last 15 minutes',
  ]);
});

test('a value is chosen and let go, and is never left out at once', () => {
  const one = toggled(undefined, 'tags', 'vip');
  expect(one).toEqual({ tags: ['vip'] });
  expect(toggled(toggled(one, 'tags', 'lab'), 'tags', 'vip')).toEqual({ tags: ['lab'] });
  expect(toggled(one, 'tags', 'vip')).toEqual({});
  expect(toggled(one, '-tags', 'vip')).toEqual({ '-tags': ['vip'] });
  expect(sameChoice({ a: [1], b: [2] }, { b: [2], a: [1] })).toBe(true);
});
