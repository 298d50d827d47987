import { expect, test } from 'vitest';
import { rangeAt, takenTo } from './taken';

test('a range goes from events to alerts, also by way of a page that has none', () => {
  const chosen = rangeAt('/explorer', { last: '1h', query: 'x' }, {});
  const still = rangeAt('/sensors', {}, chosen);
  expect(takenTo('/alerts', '/sensors', still)).toEqual({ last: '1h' });
  expect(takenTo('/incidents', '/sensors', still)).toEqual({});
});

test('no range is a choice too, and the way to where one is begins it anew', () => {
  expect(rangeAt('/alerts', {}, { last: '1h' })).toEqual({});
  expect(takenTo('/alerts', '/alerts', { last: '1h' })).toEqual({});
});
