import { expect, test } from 'vitest';
import { nextClock, nextDue } from './dueDates';
import { formatDuration } from './duration';
import { AGES, aged, openAlerts, unfinished } from './links';
import { parseSearch } from './search';
import { columns } from './trendColumns';

test('a span is one of three, and thirty days need not be said', () => {
  expect([{ days: 7 }, { days: '90' }, { days: 30 }, { days: 8 }, {}].map((raw) => parseSearch(raw).days)).toEqual([
    7,
    90,
    undefined,
    undefined,
    undefined,
  ]);
});

test('each age is a query that none of the others finds', () => {
  expect(AGES.map((age) => aged('created_at', age))).toEqual([
    'created_at:>now-1h',
    'created_at:<=now-1h AND created_at:>now-4h',
    'created_at:<=now-4h AND created_at:>now-24h',
    'created_at:<=now-24h AND created_at:>now-7d',
    'created_at:<=now-7d',
  ]);
});

test('lists behind the numbers are of what the numbers count', () => {
  expect(openAlerts('severity:5')).toEqual({ status: ['new', 'acknowledged', 'in_progress'], query: 'severity:5' });
  expect(unfinished('severity:5').query).toBe('status:(open OR investigating OR contained OR on_hold) AND severity:5');
});

test('durations are told in two units at most', () => {
  expect([0.1725, 42, 60, 759, 12_000, 187_200, 172_800].map(formatDuration)).toEqual([
    '0.2 s',
    '42 s',
    '1 m',
    '12 m',
    '3 h 20 m',
    '2 d 4 h',
    '2 d',
  ]);
});

test('what is due first is in front, and what has no time is left out', () => {
  const due = ['2026-11-27T12:00:00Z', null, '2026-11-27T11:00:00Z'].map((due_at) => ({ due_at }));
  expect(nextDue(due, 5).map((one) => one.due_at)).toEqual(['2026-11-27T11:00:00Z', '2026-11-27T12:00:00Z']);
});

test('a clock that is met or stands still is not the next', () => {
  const clocks = [
    { clock: 'acknowledge', state: 'met', due_at: '2026-11-27T10:00:00Z' },
    { clock: 'contain', state: 'paused', due_at: '2026-11-27T11:00:00Z' },
    { clock: 'resolve', state: 'running', due_at: '2026-11-27T12:00:00Z' },
  ];
  expect(nextClock(clocks)?.clock).toBe('resolve');
  expect(nextClock(clocks.slice(0, 2))).toBeUndefined();
});

test('columns stand on each other, the most severe at the base, as high as their share of the highest', () => {
  const [first, second] = columns([
    { start: '2026-11-26T00:00:00Z', by_severity: { '5': 1, '1': 3 } },
    { start: '2026-11-27T00:00:00Z', by_severity: { '2': 2 } },
  ]);
  expect(first?.parts).toEqual([
    { severity: 5, from: 0, to: 0.25, count: 1 },
    { severity: 1, from: 0.25, to: 1, count: 3 },
  ]);
  expect(second?.parts).toEqual([{ severity: 2, from: 0, to: 0.5, count: 2 }]);
  expect(second?.total).toBe(2);
});
