import { expect, test } from 'vitest';
import { differences } from '@/lib/diff';
import { mistakes, nameOf, officeHours, toBody, toForm } from './form';

const POLICY = {
  review: { from_severity: 5, false_positive_from: null },
  sla: {
    critical: { acknowledge: 15, contain: 240, resolve: 1440, around_the_clock: true },
    high: { acknowledge: 60, contain: 480, resolve: 4320, around_the_clock: false },
    medium: { acknowledge: 240, contain: 1440, resolve: 7200, around_the_clock: false },
    low: { acknowledge: 1440, contain: null, resolve: 14400, around_the_clock: false },
    informational: { acknowledge: 1440, contain: null, resolve: 14400, around_the_clock: false },
  },
  calendar: {
    zone: 'Europe/Berlin',
    hours: {
      monday: [
        ['08:00', '12:00'],
        ['12:30', '18:00'],
      ],
    },
    holidays: { country: 'DE', subdivision: 'BY' },
    days_off: ['2026-12-24'],
    days_on: { '2026-12-28': [['09:00', '13:00']] },
  },
};

test('a policy that nobody touches is written as it was', () => {
  expect(toBody(toForm(POLICY))).toEqual(POLICY);
  expect(toBody(toForm({ ...POLICY, calendar: null })).calendar).toBeNull();
  expect(mistakes(toForm(POLICY))).toEqual(new Map());
});

test('a later clock has no less time than an earlier one, also where one between them does not run', () => {
  const form = toForm(POLICY);
  form.sla.low.resolve = '2 h';
  form.sla.high.contain = 'soon';
  expect([...mistakes(form).keys()]).toEqual(['sla.high.contain', 'sla.low.resolve']);
});

test('each part of a calendar that cannot be read is named', () => {
  const calendar = { ...officeHours(''), country: 'Germany', days_off: 'Christmas', days_on: '2026-12-28' };
  calendar.hours.friday = '9 to 5';
  expect([...mistakes({ ...toForm(POLICY), calendar }).keys()]).toEqual([
    'calendar.hours.friday',
    'calendar.zone',
    'calendar.country',
    'calendar.days_off',
    'calendar.days_on',
  ]);
});

test('changes have names that people know', () => {
  const before = toForm(POLICY);
  const after = toForm({ ...POLICY, sla: { ...POLICY.sla, high: { ...POLICY.sla.high, contain: 600 } } });
  expect(differences(before, after).map((one) => [nameOf(one.path), one.before, one.after])).toEqual([
    ['High: contain', '8 h', '10 h'],
  ]);
  expect(nameOf('calendar.hours.friday')).toBe('Hours on Friday');
  expect(nameOf('sla.low.around_the_clock')).toBe('Low: around the clock');
});
