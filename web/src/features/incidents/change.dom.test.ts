import { expect, test } from 'vitest';
import { type Change, leftOut, undoing, whyNot } from './change';
import { moved } from './rows';
import { incident } from './testing';

const hold: Change = { do: 'move', to: 'on_hold', reason: 'Waits for the provider' };

test('a move that a state does not allow is told before it is tried', () => {
  expect(whyNot(incident({ status: 'open' }), hold)).toBeUndefined();
  expect(whyNot(incident({ status: 'open' }), { do: 'move', to: 'on_hold' })).toMatch(/reason/);
  expect(whyNot(incident({ status: 'resolved' }), { do: 'move', to: 'contained' })).toMatch(/cannot go there/);
  const rows = [incident({ status: 'open' }), incident({ status: 'closed' }), incident({ status: 'closed' })];
  expect(leftOut(rows, hold)).toEqual([['closed', 2]]);
});

test('what is taken back is what was there before, where there is a way', () => {
  expect(undoing(incident({ tags: ['a'] }), { do: 'tag', add: ['a', 'b'], remove: ['a'] })).toEqual({
    do: 'tag',
    add: ['a'],
    remove: ['b'],
  });
  expect(undoing(incident({ status: 'contained' }), hold)).toMatchObject({ to: 'contained' });
  expect(undoing(incident({ status: 'open' }), { do: 'move', to: 'investigating' })).toBeUndefined();
});

test('a card goes to the top of its column, and both counts follow', () => {
  const row = incident({ id: 'a', status: 'open' });
  const part = (status: 'open' | 'contained', items: (typeof row)[], total: number) => ({
    status,
    items,
    total,
    next: null,
    degraded: null,
  });
  const parts = [part('open', [row], 30), part('contained', [incident({ id: 'b', status: 'contained' })], 1)];
  const after = moved(parts, { ...row, status: 'contained' });
  expect(after.map((one) => [one.items.map((item) => item.id), one.total])).toEqual([
    [[], 29],
    [['a', 'b'], 2],
  ]);
});
