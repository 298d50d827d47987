import { expect, test } from 'vitest';
import { flattened } from './flattened';

test('fields have their dotted names, and lists their values', () => {
  const document = {
    host: { name: 'web01', ip: ['192.0.2.1', '192.0.2.2'] },
    sensor: { raw: 1 },
    a: [{ b: 1 }],
    n: null,
  };
  expect(flattened(document)).toEqual([
    ['host.name', 'web01'],
    ['host.ip', '192.0.2.1, 192.0.2.2'],
    ['a', '{"b":1}'],
    ['n', 'null'],
  ]);
});
