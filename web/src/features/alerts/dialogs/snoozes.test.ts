import { expect, test } from 'vitest';
import { presets } from './snoozes';

test('mornings are those of the zone', () => {
  const friday = Date.parse('2026-11-27T16:30:00Z');
  expect(presets(friday, 'Europe/Vienna')).toEqual([
    ['1 hour', '2026-11-27T17:30:00.000Z'],
    ['4 hours', '2026-11-27T20:30:00.000Z'],
    ['Tomorrow, 8:00', '2026-11-28T07:00:00.000Z'],
    ['Monday, 8:00', '2026-11-30T07:00:00.000Z'],
  ]);
});

test('tomorrow is the next day where a day has 25 hours, or 23', () => {
  const tomorrow = (now: string) => presets(Date.parse(now), 'Europe/Vienna')[2]?.[1];
  expect(tomorrow('2026-10-24T22:30:00Z')).toBe('2026-10-26T07:00:00.000Z');
  expect(tomorrow('2026-03-28T22:30:00Z')).toBe('2026-03-29T06:00:00.000Z');
});

test('on Sunday, tomorrow is Monday, and stands there once', () => {
  expect(presets(Date.parse('2026-11-29T10:00:00Z'), 'utc').map(([label]) => label)).toEqual([
    '1 hour',
    '4 hours',
    'Tomorrow, 8:00',
  ]);
});

test('what is longer than the API allows is not offered', () => {
  expect(presets(Date.parse('2026-11-30T07:00:00Z'), 'utc').map(([label]) => label)).toEqual([
    '1 hour',
    '4 hours',
    'Tomorrow, 8:00',
  ]);
});

test('on a Monday after eight, Monday is the next one', () => {
  expect(presets(Date.parse('2026-11-30T10:00:00Z'), 'utc').at(-1)).toEqual([
    'Monday, 8:00',
    '2026-12-07T08:00:00.000Z',
  ]);
});
