import { expect, test } from 'vitest';
import { NEW_WINDOW, recurrenceOf, recurrenceWords, windowOf } from './recurrence';

const of = (rule: string) => ({ rule, duration_seconds: 10_800, zone: 'Europe/Vienna' });

test.each([
  ['FREQ=WEEKLY;BYDAY=SU;BYHOUR=2', 'Every Sunday at 02:00'],
  ['FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=12;BYMINUTE=30', 'Monday to Friday at 12:30'],
  ['FREQ=MONTHLY;BYDAY=2TU;BYHOUR=22', 'Second Tuesday of the month at 22:00'],
  ['FREQ=DAILY;BYHOUR=3;BYMINUTE=5', 'Every day at 03:05'],
  ['FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=23', 'FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=23'],
  ['FREQ=WEEKLY;BYDAY=SU,WE;BYHOUR=2', 'FREQ=WEEKLY;BYDAY=SU,WE;BYHOUR=2'],
  ['FREQ=WEEKLY;BYDAY=SU', 'FREQ=WEEKLY;BYDAY=SU'],
])('%s reads "%s"', (rule, words) => {
  expect(recurrenceWords(of(rule))).toBe(`${words} for 3h, Europe/Vienna`);
});

test.each(['daily', 'weekdays', 'weekly', 'monthly', 'own'] as const)('a %s window comes back', (repeat) => {
  const window = { ...NEW_WINDOW, repeat, time: '23:45' };
  expect(windowOf(recurrenceOf(window)).repeat).toBe(repeat);
  expect(recurrenceOf(windowOf(recurrenceOf(window)))).toEqual(recurrenceOf(window));
});
