import { expect, test } from 'vitest';
import { formatBytes, formatCompact, formatCount, formatSpan } from './format';

test.each([
  [-5_000, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_599_999, '59m'],
  [86_400_000 * 41, '41d'],
])('a span of %d ms is %s', (span, said) => {
  expect(formatSpan(span)).toBe(said);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [250_000_000, '250 MB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, said) => {
  expect(formatBytes(bytes)).toBe(said);
});

test('counts are whole in text and compact in small places', () => {
  expect([formatCount(87_320), formatCompact(87_320)]).toEqual(['87,320', '87.3K']);
});
