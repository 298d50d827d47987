import { expect, test } from 'vitest';
import { excerptOf, placeOf } from './excerpt';

test('the place where reading stopped is read from its words', () => {
  expect(placeOf('Unterminated string starting at: line 1 column 605 (char 604)')).toEqual({
    line: 1,
    column: 605,
    char: 604,
  });
  expect(placeOf('expected at most 64 levels')).toBeUndefined();
});

test('what stands around it is shown, and that more was cut off', () => {
  const text = `${'a'.repeat(100)}!${'b'.repeat(100)}`;
  expect(excerptOf(text, 100)).toEqual({ before: `…${'a'.repeat(48)}`, at: '!', after: `${'b'.repeat(48)}…` });
  expect(excerptOf('😀😀!b', 2)).toEqual({ before: '😀😀', at: '!', after: 'b' });
  expect(excerptOf('ab', 2)).toEqual({ before: 'ab', at: '', after: '' });
});
