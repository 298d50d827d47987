import { expect, test } from 'vitest';
import { chosenOf, fitting, type GridColumn, templateOf } from './columns';

const column = (id: string, more: Partial<GridColumn<unknown>> = {}): GridColumn<unknown> => ({
  id,
  label: id,
  width: 100,
  cell: () => null,
  ...more,
});
const all = [
  column('a'),
  column('b', { leaves: 1 }),
  column('c', { leaves: 2, grow: true }),
  column('d', { leaves: 3, optional: true }),
];
const ids = (some: readonly GridColumn<unknown>[]) => some.map((one) => one.id).join('');

test('what is optional is shown when it is chosen, and what never leaves is always there', () => {
  expect(ids(chosenOf(all, undefined))).toBe('abc');
  expect(ids(chosenOf(all, ['d']))).toBe('ad');
});

test.each([
  [0, 'abcd'],
  [600, 'abcd'],
  [400, 'abc'],
  [380, 'ab'],
  [10, 'a'],
])('of a room of %d is had %s', (room, kept) => {
  expect(ids(fitting(all, {}, room))).toBe(kept);
});

test('where nothing is selected there is no box, and more room', () => {
  expect(templateOf(all.slice(0, 2), {}, false)).toBe('100px 100px 1fr');
  expect(ids(fitting(all, {}, 468, false))).toBe('abcd');
  expect(ids(fitting(all, {}, 467, false))).toBe('abc');
});

test('what was widened by hand grows no more, and makes others leave', () => {
  expect(templateOf(all.slice(0, 3), {})).toBe('16px 100px 100px minmax(100px, 1fr)');
  expect(templateOf(all.slice(0, 3), { c: 200 })).toBe('16px 100px 100px 200px 1fr');
  expect(ids(fitting(all, { a: 300 }, 600))).toBe('abc');
});
