import { expect, test } from 'vitest';
import { linesOnlyIn, merged } from './merge';

test.each([
  ['what only I changed', 'a\nb\nc', 'a\nB\nc', 'a\nb\nc', 'a\nB\nc', false],
  ['what only they changed', 'a\nb\nc', 'a\nb\nc', 'a\nb\nC', 'a\nb\nC', false],
  ['both, in different places', 'a\nb\nc\nd', 'A\nb\nc\nd', 'a\nb\nc\nD', 'A\nb\nc\nD', false],
  ['both the same', 'a\nb', 'a\nX', 'a\nX', 'a\nX', false],
  ['both the same line differently', 'a\nb\nc', 'a\nmine\nc', 'a\ntheirs\nc', 'a\ntheirs\nmine\nc', true],
  ['both added at the end', 'a', 'a\nmine', 'a\ntheirs', 'a\ntheirs\nmine', true],
  ['they took out what I changed', 'a\nb\nc', 'a\nB\nc', 'a\nc', 'a\nB\nc', true],
  ['nothing was there', '', 'mine', 'theirs', 'theirs\nmine', true],
])('%s', (_, base, mine, theirs, text, overlaps) => {
  expect(merged(base, mine, theirs)).toEqual({ text, overlaps });
});

test('a text of very many lines is merged at once', () => {
  const many = (name: string) => Array.from({ length: 20_000 }, (_, at) => `${name} ${at}`).join('\n');
  const base = many('line');
  expect(merged(base, `mine\n${base}`, `${base}\ntheirs`)).toEqual({
    text: `mine\n${base}\ntheirs`,
    overlaps: false,
  });
  expect(merged('', many('mine'), many('theirs')).overlaps).toBe(true);
  expect(linesOnlyIn(many('mine'), many('theirs')).size).toBe(20_000);
});

test('lines that only one of the two has are marked', () => {
  expect([...linesOnlyIn('a\nb\nc', 'a\nc\nd')]).toEqual([1]);
});
