import { expect, test } from 'vitest';
import { fieldText, fieldValue, fieldWords } from './fields';

test.each([
  ['text', 'finance', 'finance', 'finance'],
  ['number', 12, '12', '12'],
  ['boolean', false, 'false', 'No'],
  ['choices', ['a', 'b'], 'a\nb', 'a, b'],
  ['date', '2026-11-27', '2026-11-27', '2026-11-27'],
] as const)('a %s comes back from its form as it was, and reads well', (kind, value, text, words) => {
  expect(fieldText(value)).toBe(text);
  expect(fieldValue(kind, text)).toEqual(value);
  expect(fieldWords(value)).toBe(words);
});

test('what is left empty empties the field', () => {
  expect(fieldValue('number', ' ')).toBeNull();
  expect(fieldText(null)).toBe('');
});
