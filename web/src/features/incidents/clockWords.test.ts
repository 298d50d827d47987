import { expect, test } from 'vitest';
import { saidOf } from './clockWords';
import type { Clock } from './queries';

const now = Date.parse('2026-11-27T12:00:00Z');
const clock = (name: Clock['clock'], state: Clock['state'], minutes: number, more: Partial<Clock> = {}): Clock => ({
  clock: name,
  state,
  due_at: new Date(now + minutes * 60_000).toISOString(),
  remaining_seconds: minutes * 60,
  elapsed_seconds: 0,
  target_seconds: 3_600,
  paused: state === 'paused',
  breached_at: null,
  met_at: null,
  warn_at: null,
  ...more,
});

test('what is late is told of first, then what is due first', () => {
  const clocks = [
    clock('acknowledge', 'met', -10),
    clock('contain', 'breached', -180),
    clock('resolve', 'running', 60),
  ];
  expect(saidOf(clocks, now)).toEqual({ state: 'breached', name: 'Contain', said: '3h late' });
  expect(saidOf([clock('contain', 'running', 90), clock('resolve', 'warned', 5)], now)).toEqual({
    state: 'warned',
    name: 'Resolve',
    said: '5m left',
  });
});

test('a clock goes on between two readings', () => {
  expect(saidOf([clock('contain', 'running', 1)], now + 120_000)).toMatchObject({ state: 'breached', said: '1m late' });
  const warns = clock('resolve', 'running', 20, { warn_at: '2026-11-27T12:05:00Z' });
  expect(saidOf([warns], now)).toMatchObject({ state: 'running' });
  expect(saidOf([warns], now + 5 * 60_000)).toMatchObject({ state: 'warned', said: '15m left' });
});

test('on hold nothing runs, and at the end it is told how it was kept', () => {
  expect(saidOf([clock('resolve', 'paused', 240, { due_at: null })], now)).toMatchObject({
    said: 'paused',
    more: '4h left',
  });
  const late = clock('contain', 'met', -5, { breached_at: '2026-11-27T11:00:00Z' });
  expect(saidOf([late, clock('resolve', 'met', 5)], now)).toMatchObject({ name: 'Met', said: '1 of them late' });
  expect(saidOf([], now)).toBeUndefined();
});
