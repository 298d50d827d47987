import { expect, test } from 'vitest';
import { changesOf, draftOf, moved, rebased, saidOf, whyNotSign } from './draft';
import type { Handover, Item } from './queries';

const item = (number: number, next_step = 'Call'): Item => ({
  incident_id: `i${number}`,
  number,
  title: 'T',
  severity: 3,
  status: 'open',
  next_step,
});
const before = { shift: 'Night', notes: 'a', incoming_id: null, items: [item(1)] } as unknown as Handover;

test('what differs from the server is told by its part', () => {
  expect(changesOf(draftOf(before), before)).toEqual([]);
  expect(changesOf({ ...draftOf(before), notes: 'b', items: [item(1, 'Ask')] }, before)).toEqual(['notes', 'items']);
});

test('somebody else’s changes are taken over, and what was written stays', () => {
  const now = { ...before, shift: 'Late', notes: 'theirs' } as Handover;
  expect(rebased({ ...draftOf(before), notes: 'mine' }, before, now)).toMatchObject({ shift: 'Late', notes: 'mine' });
});

test('it is signed with somebody who takes over and a step for each', () => {
  expect(whyNotSign(before)).toBe('Say who takes over.');
  const named = { ...before, incoming_id: 'p' } as Handover;
  expect(whyNotSign(named)).toBeUndefined();
  expect(whyNotSign({ ...named, items: [item(1, ' ')] } as Handover)).toBe('1 incident has no next step.');
});

test('items are moved by one, and not beyond the ends', () => {
  const items = [item(1), item(2), item(3)];
  expect(moved(items, 1, -1).map((one) => one.number)).toEqual([2, 1, 3]);
  expect(moved(items, 2, 1)).toBe(items);
});

test('what went over is counted, and what stays only where something does', () => {
  expect(saidOf({ incidents: 1, alerts: 2, left_incidents: 0, left_alerts: 0 })).toBe(
    '1 incident and 2 alerts are yours now.',
  );
  expect(saidOf({ incidents: 0, alerts: 500, left_incidents: 1, left_alerts: 40 })).toContain(
    '1 incident and 40 alerts stay',
  );
});
