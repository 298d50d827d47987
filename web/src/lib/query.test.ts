import { expect, test } from 'vitest';
import { allOf, oneOf, quoted } from './query';

test.each([
  ['web01', '"web01"'],
  ['a "b" c', '"a \\"b\\" c"'],
  ['C:\\Temp\\*', '"C:\\\\Temp\\\\\\*"'],
  [5, '5'],
])('%s is quoted as %s', (value, said) => {
  expect(quoted(value)).toBe(said);
});

test('one value stands alone, several in parentheses', () => {
  expect(oneOf('host.name', ['a'])).toBe('host.name:"a"');
  expect(oneOf('severity', [4, 5])).toBe('severity:(4 OR 5)');
});

test('queries are kept apart, because a space binds weaker than AND', () => {
  expect(allOf([])).toBeUndefined();
  expect(allOf(['a b'])).toBe('a b');
  expect(allOf(['a b', 'c'])).toBe('(a b) AND (c)');
});
