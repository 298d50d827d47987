import { expect, test } from 'vitest';
import { moved, saidOf, whyNotSign } from './draft';
import type { Item } from './queries';

const item = (number: number, next_step = 'Call'): Item => ({
  incident_id: `i${number}`,
  number,
  title: 'T',
  severity: 3,
  status: 'open',
  next_step,
});

test('it is signed with somebody who takes over and a step for each', () => {
  expect(whyNotSign({ incoming_id: null, items: [] })).toBe('Say who takes over.');
  expect(whyNotSign({ incoming_id: 'p', items: [item(1)] })).toBeUndefined();
  expect(whyNotSign({ incoming_id: 'p', items: [item(1, ' ')] })).toBe('1 incident has no next step.');
});

test('items are moved by one, and not beyond the ends', () => {
  const items = [item(1), item(2), item(3)];
  expect(moved(items, 1, -1).map((one) => one.number)).toEqual([2, 1, 3]);
  expect(moved(items, 2, 1)).toBe(items);
});

test('what went over is counted, and what stays only where something does', () => {
  const left = { left_incidents: 0, left_alerts: 0 };
  expect(saidOf({ incidents: 1, alerts: 2, ...left })).toBe('1 incident and 2 alerts are yours now.');
  expect(saidOf({ incidents: 0, alerts: 500, left_incidents: 1, left_alerts: 40 })).toContain(
    '1 incident and 40 alerts stay',
  );
});
