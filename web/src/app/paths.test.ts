import { expect, test } from 'vitest';
import { safeNext } from './paths';

test.each([
  'https://example.org',
  '//example.org',
  '/\\example.org',
  '/\t/example.org',
  '/\n/example.org',
  '/.//example.org',
  'javascript:alert(1)',
  undefined,
  '',
])('nobody is sent to %s', (next) => {
  expect(safeNext(next)).toBe('/');
});

test('a path of ours is kept with its query', () => {
  expect(safeNext('/alerts?query=host:a')).toBe('/alerts?query=host:a');
});
