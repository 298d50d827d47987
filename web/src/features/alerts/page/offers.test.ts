import { expect, test } from 'vitest';
import type { AlertDetail } from '../queries';
import { offersOf } from './offers';

const alert = (some: Partial<AlertDetail>) =>
  ({ status: 'new', assignee_id: null, incident_id: null, ...some }) as AlertDetail;
const ALL = { write: true, incidents: true, suppress: true };
const names = (some: Partial<AlertDetail>, may = ALL) =>
  offersOf(alert(some), 'me', may)
    .filter((one) => one.why === undefined)
    .map((one) => one.name);

test('who may only read is offered nothing', () => {
  expect(names({}, { write: false, incidents: false, suppress: false })).toEqual([]);
});

test('what is done already says so', () => {
  const offers = offersOf(alert({ status: 'acknowledged', assignee_id: 'me' }), 'me', ALL);
  expect(offers.find((one) => one.name === 'acknowledge')?.why).toBe('It is acknowledged');
  expect(offers.find((one) => one.name === 'take')?.why).toBe('It is yours');
});

test('a closed one is reopened, and not triaged', () => {
  expect(names({ status: 'closed' })).toEqual(['reopen', 'snooze', 'incident', 'severity', 'tag', 'suppress']);
});

test('nobody works on what a suppression hides', () => {
  expect(names({ status: 'suppressed' })).toEqual(['tag', 'suppress']);
});

test('no two have the same key', () => {
  const keys = offersOf(alert({}), 'me', ALL).map((one) => one.hotkey);
  expect(new Set(keys).size).toBe(keys.length);
});
