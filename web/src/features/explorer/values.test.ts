import { expect, test } from 'vitest';
import { filterable, linesOf, matching, topOf } from './values';

const document = {
  '@timestamp': '2026-11-27T16:44:24.668Z',
  source: { ip: '10.20.1.18', port: 39010 },
  related: { ip: ['10.20.1.18', '192.0.2.22'] },
  sensor: { 'id.orig_h': '10.20.1.18', local: true, none: null },
  alert: { title: 'Zeek conn', severity_id: 1, observables: [{ type: 'ip', value: '192.0.2.22' }] },
};
const known = new Set(['@timestamp', 'source.ip', 'related.ip', 'title', 'severity']);

test('a document is lines, with the fields that find them', () => {
  const lines = linesOf(document, known, 'telemetry');
  expect(lines.map(({ path, field }) => [path, field])).toEqual([
    ['@timestamp', '@timestamp'],
    ['alert.observables.type', undefined],
    ['alert.observables.value', undefined],
    ['alert.severity_id', 'severity'],
    ['alert.title', 'title'],
    ['related.ip', 'related.ip'],
    ['sensor.id.orig_h', undefined],
    ['sensor.local', undefined],
    ['source.ip', 'source.ip'],
    ['source.port', undefined],
  ]);
  expect(lines.find((one) => one.path === 'related.ip')?.values).toEqual(['10.20.1.18', '192.0.2.22']);
});

test('the vendor’s own fields are found in alerts alone', () => {
  const lines = linesOf(document, known, 'alert');
  expect(lines.find((one) => one.path === 'sensor.id.orig_h')?.field).toBe('sensor.id.orig_h');
});

test('lines are found by name and value', () => {
  const lines = linesOf(document, known, 'telemetry');
  expect(matching(lines, 'IP 192').map((one) => one.path)).toEqual(['related.ip']);
  expect(matching(lines, '')).toHaveLength(lines.length);
});

test('values are counted once in an event, the most frequent first', () => {
  expect(topOf([['a', 'a'], ['b'], ['b', 1], []])).toEqual([
    { value: 'b', count: 2 },
    { value: 'a', count: 1 },
    { value: 1, count: 1 },
  ]);
});

test('what no query finds is no filter', () => {
  expect([true, 3, 5.5, -1, '', 'x', 'y'.repeat(2000)].map(filterable)).toEqual([
    'true',
    3,
    undefined,
    undefined,
    undefined,
    'x',
    undefined,
  ]);
});
