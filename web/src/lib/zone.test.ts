import { expect, test } from 'vitest';
import { fieldOf, formatIso, formatMoment, ianaOf, momentOf, zoneLabel } from './zone';

const WINTER = '2026-01-15T23:30:05Z';

test.each([
  ['utc', '2026-01-15 23:30:05', '2026-01-15T23:30:05Z', 'UTC'],
  ['Europe/Vienna', '2026-01-16 00:30:05', '2026-01-16T00:30:05+01:00', 'GMT+1'],
  ['Asia/Kolkata', '2026-01-16 05:00:05', '2026-01-16T05:00:05+05:30', 'GMT+5:30'],
])('in %s a moment reads as it does there', (zone, moment, iso, label) => {
  expect(formatMoment(WINTER, zone)).toBe(moment);
  expect(formatIso(WINTER, zone)).toBe(iso);
  expect(zoneLabel(zone, new Date(WINTER))).toBe(label);
});

test('a zone nobody knows is UTC, rather than a page that does not open', () => {
  expect(ianaOf('Middle/Earth')).toBe('UTC');
  expect(formatMoment(WINTER, 'Middle/Earth')).toBe('2026-01-15 23:30:05');
});

test.each(['utc', 'Europe/Vienna', 'America/New_York', 'Asia/Kolkata'])('a field in %s comes back', (zone) => {
  for (const at of ['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z', '2026-10-25T02:30:00.000Z']) {
    expect(momentOf(fieldOf(at, zone), zone)).toBe(at);
  }
});

test('a field without a moment has none', () => {
  expect(momentOf('', 'utc')).toBeUndefined();
});
