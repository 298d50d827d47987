import { expect, test } from 'vitest';
import type { AlertDetail } from '../queries';
import { alertsWith, aroundOf, entitiesOf, eventsWith } from './related';

const seen = (type: string, value: string) => ({ type, value }) as AlertDetail['observables'][number];

test('entities are hosts, users and addresses, in this order, a few of each', () => {
  const many = Array.from({ length: 9 }, (_, at) => seen('ip', `192.0.2.${at}`));
  const entities = entitiesOf([...many, seen('file', 'a.exe'), seen('user', 'ann'), seen('host', 'web01')]);
  expect(entities.map((one) => one.key).slice(0, 3)).toEqual(['host:web01', 'user:ann', 'ip:192.0.2.0']);
  expect(entities).toHaveLength(6);
});

test('around it is what went on in the span before its beginning and after its end', () => {
  const alert = { first_seen: '2026-11-27T10:00:00Z', last_seen: '2026-11-27T11:00:00Z' } as AlertDetail;
  expect(aroundOf({ key: '', type: 'host', value: 'web"01' }, alert, '1h')).toBe(
    'observable.host:"web\\"01" AND last_seen:>="2026-11-27T09:00:00.000Z" AND first_seen:<="2026-11-27T12:00:00.000Z"',
  );
});

test('an observable is looked for where it stands, or as a word', () => {
  expect(eventsWith('host', 'web01')).toBe('host.name:"web01"');
  expect(eventsWith('hash', 'aa')).toContain(' OR ');
  expect(eventsWith('ja3', 'a"b')).toBe('"a\\"b"');
  expect(alertsWith('ip', '192.0.2.1')).toBe('observable.ip:"192.0.2.1"');
});
