import { expect, test } from 'vitest';
import { formatDaysOn, formatHours, formatMinutes, parseDates, parseDaysOn, parseHours, parseMinutes } from './spans';

test.each([
  ['15', 15],
  ['15 min', 15],
  ['4h', 240],
  ['1 h 30 min', 90],
  ['  ', null],
  ['0', undefined],
  ['soon', undefined],
  ['2160 h', 129_600],
  ['2161 h', undefined],
])('%s is so many minutes', (text, minutes) => {
  expect(parseMinutes(text)).toBe(minutes);
});

test('minutes are told in hours, and read back as they were', () => {
  expect([15, 90, 1440, null].map(formatMinutes)).toEqual(['15 min', '1 h 30 min', '24 h', '']);
  for (const minutes of [1, 59, 60, 61, 129_600]) expect(parseMinutes(formatMinutes(minutes))).toBe(minutes);
});

test('hours of a day are in order, and end by midnight', () => {
  expect(parseHours('8:00-12:00, 12:30–18:00')).toEqual([
    ['08:00', '12:00'],
    ['12:30', '18:00'],
  ]);
  expect(parseHours('22:00-24:00')).toEqual([['22:00', '24:00']]);
  expect(parseHours('')).toEqual([]);
  for (const wrong of ['9-17', '18:00-08:00', '08:00-12:00, 11:00-13:00', '08:60-09:00', '22:00-24:30'])
    expect(parseHours(wrong)).toBeUndefined();
  expect(formatHours([['08:00', '12:00']])).toBe('08:00–12:00');
});

test('days off are dates that there are', () => {
  expect(parseDates('2026-12-31, 2026-12-24\n2026-12-24')).toEqual(['2026-12-24', '2026-12-31']);
  expect(parseDates('2026-02-30')).toBeUndefined();
  expect(parseDates('24.12.2026')).toBeUndefined();
});

test('days of other hours are read and written alike', () => {
  const days = { '2026-12-28': [['09:00', '13:00']] };
  expect(parseDaysOn('2026-12-28 09:00-13:00\n')).toEqual(days);
  expect(parseDaysOn(formatDaysOn(days))).toEqual(days);
  expect(parseDaysOn('2026-12-28')).toBeUndefined();
});
