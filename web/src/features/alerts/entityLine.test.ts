import { expect, test } from 'vitest';
import { cellOf, type Entity, lineOf, titleOf } from './entityLine';

const host: Entity = { type: 'host', value: 'web-01', field: 'host.name' };
const user: Entity = { type: 'user', value: 'j.tanaka', field: 'user.name' };
const from: Entity = { type: 'ip', value: '10.1.2.3', field: 'source.ip' };
const to: Entity = { type: 'ip', value: '203.0.113.9', field: 'destination.ip' };
const byHand: Entity = { type: 'ip', value: '198.51.100.1', field: null };

test('where it happened is the host, or else the address that it came from', () => {
  expect(lineOf([host, user, from, to])).toEqual({ user, at: host, to, more: 1 });
  expect(lineOf([from, to])).toEqual({ user: undefined, at: from, to, more: 0 });
  expect(lineOf([to])).toEqual({ user: undefined, at: undefined, to, more: 0 });
  expect(lineOf([byHand])).toMatchObject({ at: byHand, to: undefined });
});

test('a cell is filtered by the field it stood in, and an address is copied defanged', () => {
  expect(cellOf([host, user, from])).toEqual({ field: 'host.name', value: 'web-01' });
  expect(cellOf([user, to])).toEqual({ field: 'user.name', value: 'j.tanaka' });
  expect(cellOf([byHand])).toEqual({ field: 'observable.ip', value: '198.51.100.1', copy: '198[.]51[.]100[.]1' });
  expect(cellOf([])).toBeUndefined();
});

test('all are told of where there is room', () => {
  expect(titleOf([user, byHand])).toBe('user.name: j.tanaka\nip: 198.51.100.1');
});
