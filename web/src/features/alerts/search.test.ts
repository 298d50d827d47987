import { expect, test } from 'vitest';
import { filters, parseSearch, toggled, wholeQuery } from './search';

test('what is not ours in a URL is left out', () => {
  const raw = {
    query: 1,
    status: ['new', 'x', 3],
    chosen: { 'host.name': ['a', null], 'b c': ['d'] },
    from: 'soon',
    x: 1,
  };
  expect(parseSearch(raw)).toEqual({
    query: undefined,
    status: ['new'],
    chosen: { 'host.name': ['a'] },
    from: undefined,
    to: undefined,
    sort: undefined,
    open: undefined,
  });
});

test('choices are queries of their own, and one query together', () => {
  const search = {
    query: 'a OR b',
    chosen: { severity: [4, 5], '-rule.name': ['ssh'] },
    from: '2026-11-24T00:00:00.000Z',
  };
  expect(filters(search)).toEqual([
    'severity:(4 OR 5)',
    'NOT rule.name:"ssh"',
    'last_seen:>="2026-11-24T00:00:00.000Z"',
  ]);
  expect(wholeQuery(search)).toBe(
    '(a OR b) AND (severity:(4 OR 5)) AND (NOT rule.name:"ssh") AND (last_seen:>="2026-11-24T00:00:00.000Z")',
  );
  expect(wholeQuery({})).toBeUndefined();
});

test('a value is chosen and let go, and no empty choice is left', () => {
  const one = toggled(undefined, 'tags', 'vip');
  expect(one).toEqual({ tags: ['vip'] });
  expect(toggled(toggled(one, 'tags', 'lab'), 'tags', 'vip')).toEqual({ tags: ['lab'] });
  expect(toggled(one, 'tags', 'vip')).toBeUndefined();
});
