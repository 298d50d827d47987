import { expect, test } from 'vitest';
import { contentOf, goesOn, parseSearch, queryOf, searchOfView, spanAt, wider } from './search';

const NOW = Date.parse('2026-11-27T12:00:00Z');

test('a link gives a query and two moments; what is not ours is left out', () => {
  const linked = { query: 'alert_id:1', from: '2026-11-27T10:00:00Z', to: '2026-11-27T11:00:00Z', sort: 'x', limit: 3 };
  expect(parseSearch(linked)).toEqual({
    query: 'alert_id:1',
    chosen: undefined,
    last: undefined,
    from: '2026-11-27T10:00:00.000Z',
    to: '2026-11-27T11:00:00.000Z',
    columns: undefined,
    view: undefined,
    open: undefined,
  });
});

test('the range is no part of the query', () => {
  const search = { query: 'a OR b', chosen: { severity: [4], '-host.name': ['x'] }, last: '7d' };
  expect(queryOf(search)).toBe('(a OR b) AND (severity:4) AND (NOT host.name:"x")');
  expect(queryOf({ last: '7d' })).toBeUndefined();
});

test.each([
  [{}, '2026-11-26T12:00:00.000Z', '2026-11-27T12:00:00.000Z'],
  [{ last: '15m' }, '2026-11-27T11:45:00.000Z', '2026-11-27T12:00:00.000Z'],
  [{ from: '2026-11-27T10:00:00Z' }, '2026-11-27T10:00:00.000Z', '2026-11-27T12:00:00.000Z'],
  [{ to: '2026-11-20T00:00:00Z' }, '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
  [{ from: '2026-11-28T00:00:00Z' }, '2026-11-28T00:00:00.000Z', '2026-11-28T00:00:01.000Z'],
])('%j is a span at a moment', (range, from, to) => {
  expect(spanAt(range, NOW)).toEqual({ from, to });
});

test('a span is widened around itself, as far as there was time', () => {
  const span = { from: '2026-11-27T10:00:00.000Z', to: '2026-11-27T11:30:00.000Z' };
  expect(wider(span, NOW)).toEqual({ from: '2026-11-27T09:15:00.000Z', to: '2026-11-27T12:00:00.000Z' });
});

test('only what has not ended gets more', () => {
  expect(
    [{}, { last: '1h' }, { to: '2026-11-27T13:00:00Z' }, { to: '2026-11-27T11:00:00Z' }].map((range) =>
      goesOn(range, NOW),
    ),
  ).toEqual([true, true, true, false]);
});

test('a view says the same when it is opened', () => {
  const search = {
    query: 'a OR b',
    chosen: { 'event.kind': ['alert'] },
    last: '7d',
    columns: ['time', 'dns.question.name'],
  };
  expect(searchOfView('v', contentOf(search))).toEqual({
    ...search,
    from: undefined,
    to: undefined,
    view: 'v',
    open: undefined,
  });
  expect(contentOf(searchOfView('v', { query: '', sort: null, columns: [] }))).toEqual({
    query: '',
    sort: null,
    columns: [],
  });
});
