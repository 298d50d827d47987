import { expect, test } from 'vitest';
import { byReason, bySensor, countOf, freeOf } from './counted';
import { bytesOf, hexDump, isPlain } from './hex';
import type { Group } from './queries';
import { parseSearch } from './search';
import { selectionOf } from './selection';
import { tallyOf } from './tally';

const group = (sensor: string, reason: string, records: number, requested: Group['requested'] = null): Group => ({
  sensor_id: sensor,
  sensor: `sensor ${sensor}`,
  reason,
  status: 'open',
  requested,
  records,
  oldest: '2026-11-27T15:00:00Z',
  newest: '2026-11-27T16:00:00Z',
});
const groups = [group('a', 'not_json', 5), group('a', 'empty', 2), group('b', 'not_json', 3, 'redrive')];

test('a facet is counted under all choices but its own', () => {
  expect(byReason(groups, { reason: 'empty', sensor: 'a' }, (reason) => reason)).toEqual([
    { value: 'not_json', label: 'not_json', count: 5 },
    { value: 'empty', label: 'empty', count: 2 },
  ]);
  expect(bySensor(groups, { reason: 'not_json' }, '').map(({ label, count }) => [label, count])).toEqual([
    ['sensor a', 5],
    ['sensor b', 3],
  ]);
});

test('what is chosen stays to be let go, though there is none of it', () => {
  expect(byReason(groups, { reason: 'too_deep' }, (reason) => reason).at(-1)).toEqual({
    value: 'too_deep',
    label: 'too_deep',
    count: 0,
  });
  expect(bySensor(groups, { sensor: 'c' }, 'sensor c').at(-1)).toEqual({ value: 'c', label: 'sensor c', count: 0 });
});

test('what was asked for already is not offered again', () => {
  expect(countOf(groups, { reason: 'not_json' })).toBe(8);
  expect(freeOf(groups, { reason: 'not_json' })).toBe(5);
});

test('bytes are shown sixteen a line, and what is no sign as a dot', () => {
  const bytes = bytesOf(btoa('{"a":"\u00ff\u0000"} and on'));
  expect(hexDump(bytes)).toBe(
    [
      '00000000  7b 22 61 22 3a 22 ff 00 22 7d 20 61 6e 64 20 6f  {"a":".."} and o',
      `00000010  6e${' '.repeat(45)}  n`,
    ].join('\n'),
  );
});

test.each([
  ['{"a":1}\n', true],
  ['caf\u00e9', true],
  ['cut \ufffd', false],
  ['bell \u0007', false],
])('%j shows all there is: %s', (text, plain) => {
  expect(isPlain(text)).toBe(plain);
});

test('all that match are those that had come by then', () => {
  const until = new Date('2026-11-27T16:00:00Z');
  expect(selectionOf({ reason: 'empty', sensor: 'a', open: 'x' }, until)).toEqual({
    all: true,
    received_to: '2026-11-27T16:00:00.000Z',
    reason: 'empty',
    sensor_id: 'a',
  });
});

test('results are told apart', () => {
  expect(
    tallyOf([
      { status: 'redriven', requested: null },
      { status: 'open', requested: null },
      { status: 'open', requested: 'redrive' },
      { status: 'discarded', requested: null },
    ]),
  ).toEqual({ stored: 1, open: 1, waiting: 1, discarded: 1 });
});

test('a URL that is not ours shapes nothing', () => {
  expect(parseSearch({ status: 'open', reason: 7, requested: 'x' })).toEqual({});
  expect(parseSearch({ status: 'redriven', open: 'id' })).toMatchObject({ status: 'redriven', open: 'id' });
});
