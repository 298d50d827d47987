import { expect, test } from 'vitest';
import { balances, linesOf } from './accounts';
import { exampleOf, filledIn } from './examples';
import { progressOf } from './first';
import { everyMinute, formatShare, gathered, healthOf, NOTHING } from './healthOf';
import { keyState, sortedKeys } from './keyState';
import type { Account, Key, Minute, Sensor } from './queries';
import { parseSearch } from './search';
import { formatDuration, formOf, lineOf, secondsOf, updateOf, wrongSeverity } from './settingsForm';

const NOW = Date.parse('2026-11-27T16:00:00Z');

const account = (some: Partial<Account> = {}): Account => ({ ...NOTHING, ...some });

const sensor: Sensor = {
  id: 's',
  organization_id: 'o',
  name: 'ids-1',
  format: 'suricata_eve',
  zone: 'UTC',
  rate_per_second: null,
  ignored_types: ['suricata_eve:stats'],
  severity_overrides: { '1:1': 5 },
  expected_interval: 'PT5M',
  status: 'active',
  last_seen_at: '2026-11-27T15:59:00Z',
  silent: false,
  revision: 3,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};

test.each([
  ['well', {}, account({ accepted: 100, stored: 100 })],
  ['failing', {}, account({ accepted: 100, stored: 94, quarantined: 6 })],
  ['well', {}, account({ accepted: 100, stored: 95, quarantined: 5 })],
  ['unstored', {}, account({ accepted: 21, duplicate: 19, quarantined: 1, discarded: 1 })],
  ['unstored', {}, account({ accepted: 2, quarantined: 2 })],
  ['unstored', { silent: null }, account({ accepted: 1, discarded: 1 })],
  ['silent', { silent: true }, account({ accepted: 2, quarantined: 2 })],
  ['well', {}, account({ accepted: 7, duplicate: 7, ignored: 9 })],
  ['silent', { silent: true }, undefined],
  ['disabled', { status: 'disabled', silent: true }, undefined],
  ['waiting', { last_seen_at: null, silent: false }, undefined],
  ['silent', { last_seen_at: null, silent: true }, undefined],
  ['stopped', { silent: null, last_seen_at: '2026-11-27T14:59:00Z' }, undefined],
  ['well', { silent: false, last_seen_at: '2026-11-27T14:59:00Z' }, undefined],
] as const)('a sensor is %s (%o)', (health, patch, sums) => {
  expect(healthOf({ ...sensor, ...patch }, sums, NOW)).toBe(health);
});

test('a sum is whole when no record is missing, those not reported yet counted in', () => {
  const whole = account({
    accepted: 10,
    unreported: 2,
    stored: 8,
    duplicate: 1,
    quarantined: 1,
    discarded: 1,
    in_flight_or_parked: 1,
  });
  expect(balances(whole)).toBe(true);
  expect(balances({ ...whole, stored: 7 })).toBe(false);
  expect(linesOf(whole).map(({ count }) => count)).toEqual([8, 1, 1, 1, 1]);
});

test.each([
  [0, '0 %'],
  [0.0004, '< 0.1 %'],
  [0.034, '3.4 %'],
  [0.971, '97 %'],
])('a share of %d reads %s', (share, said) => {
  expect(formatShare(share)).toBe(said);
});

test('minutes in which nothing came are there too, and are gathered to bars', () => {
  const known: Minute[] = [{ ...account({ accepted: 5 }), minute: '2026-11-27T15:02:00Z' }];
  const all = everyMinute(known, '2026-11-27T15:00:00Z', '2026-11-27T15:05:00Z');
  expect(all.map((one) => one.accepted)).toEqual([0, 0, 5, 0, 0]);
  expect(gathered(all, 2).map((group) => group.minutes.length)).toEqual([3, 2]);
});

test.each([
  ['listening', null, account(), false],
  ['listening', null, undefined, false],
  ['knocked', null, undefined, true],
  ['knocked', null, account({ requests: 1 }), false],
  ['refused', null, account({ requests: 1, refused: { too_large: 1 } }), true],
  ['unreadable', null, account({ accepted: 1, quarantined: 1 }), true],
  ['stored', null, account({ accepted: 2, stored: 1, quarantined: 1 }), true],
  ['seen', {}, account(), false],
] as const)('the first record: %s', (progress, event, sums, used) => {
  expect(progressOf(event, sums, used)).toBe(progress);
});

test('the command has the key and a record of this moment in it', () => {
  const record = exampleOf('json', new Date(NOW));
  const said = filledIn('curl -H "Bearer SENSOR_KEY" --data-binary @records.ndjson\n', 'evs_1', record);
  expect(said).toContain('Bearer evs_1"');
  expect(said).toContain('"time":"2026-11-27T16:00:00.000Z"');
  expect(exampleOf('guardduty', new Date(NOW))).toBeUndefined();
  expect(filledIn('x SENSOR_KEY @records.ndjson', undefined)).toBe('x SENSOR_KEY @records.ndjson');
});

const key = (id: string, patch: Partial<Key>): Key => ({
  id,
  prefix: id,
  created_at: '2026-11-01T00:00:00Z',
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  ...patch,
});

test('keys that are good stand first', () => {
  const keys = [
    key('revoked', { revoked_at: '2026-11-02T00:00:00Z', created_at: '2026-11-20T00:00:00Z' }),
    key('ending', { expires_at: '2026-11-28T00:00:00Z' }),
    key('expired', { expires_at: '2026-11-26T00:00:00Z' }),
    key('good', { created_at: '2026-11-10T00:00:00Z' }),
  ];
  expect(keys.map((one) => keyState(one, NOW))).toEqual(['revoked', 'ending', 'expired', 'good']);
  expect(sortedKeys(keys, NOW).map((one) => one.id)).toEqual(['good', 'ending', 'revoked', 'expired']);
});

test.each([
  ['PT5M', 300, '5 min'],
  ['P1DT2H', 93_600, '1 d 2 h'],
  ['PT90S', 90, '1 min 30 s'],
])('%s is %d seconds, said as %s', (duration, seconds, said) => {
  expect(secondsOf(duration)).toBe(seconds);
  expect(formatDuration(duration)).toBe(said);
});

test('only what was changed is sent', () => {
  const form = formOf(sensor);
  expect(updateOf(form, sensor)).toEqual({});
  expect(updateOf({ ...form, interval: '', rate: '50', format: '' }, sensor)).toEqual({
    expected_interval: null,
    rate_per_second: 50,
    format: null,
  });
  expect(updateOf({ ...form, severities: '1:1 = 5\n1:2=1', ignored: ' a:b \n\n' }, sensor)).toEqual({
    ignored_types: ['a:b'],
    severity_overrides: { '1:1': 5, '1:2': 1 },
  });
});

test('a line that is no severity is named', () => {
  expect(wrongSeverity('1:1 = 5\n1:2 = 6')).toBe('1:2 = 6');
  expect(wrongSeverity('')).toBeUndefined();
});

test('what somebody else made of it is told in words', () => {
  expect(lineOf({ path: 'format', before: 'json', after: '' })).toEqual({
    name: 'Format',
    before: 'Any other JSON',
    after: 'Found by shape',
  });
  expect(lineOf({ path: 'ignored', before: '', after: 'a:b\nc:d' })).toMatchObject({ after: 'a:b, c:d' });
});

test('a page’s URL knows its parts and spans alone', () => {
  expect(parseSearch({ tab: 'keys', minutes: 360 })).toEqual({ tab: 'keys', minutes: 360 });
  expect(parseSearch({ tab: 'overview', minutes: 60 })).toEqual({ tab: undefined, minutes: undefined });
  expect(parseSearch({ tab: 'x', minutes: 7 })).toEqual({ tab: undefined, minutes: undefined });
});
