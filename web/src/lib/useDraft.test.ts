import { expect, test } from 'vitest';
import { met } from './useDraft';

const state = (base: object, value: object) => ({ base, value, revision: 1, meanwhile: [] });

test('after saving, the draft is what is saved, and nothing came meanwhile', () => {
  const after = met(state({ a: 1 }, { a: 2 }), { a: 2 }, 2);
  expect(after).toEqual({ base: { a: 2 }, value: { a: 2 }, revision: 2, meanwhile: [] });
});

test('what somebody else changed is taken in and told, with what is kept of one’s own', () => {
  const after = met(state({ a: 1, b: 1, c: 1 }, { a: 2, b: 1, c: 1 }), { a: 3, b: 4, c: 1 }, 2);
  expect(after.value).toEqual({ a: 2, b: 4, c: 1 });
  expect(after.meanwhile).toEqual([
    { path: 'a', before: 1, after: 3, kept: true },
    { path: 'b', before: 1, after: 4, kept: false },
  ]);
});

test('who has changed nothing sees what is new, without a word', () => {
  expect(met(state({ a: 1 }, { a: 1 }), { a: 3 }, 2)).toMatchObject({ value: { a: 3 }, meanwhile: [] });
});
