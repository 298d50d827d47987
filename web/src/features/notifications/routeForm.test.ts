import { expect, test } from 'vitest';
import type { Route } from './queries';
import { mistakes, NEW, quietFrom, quietLabel, spansWith, toBody, toForm } from './routeForm';

const ROUTE: Route = {
  id: '01a21dbb-45b8-745e-987a-ba9cc9a271a8',
  organization_id: '01a21dba-fbd0-711a-b01e-bf8aa674e73b',
  channel_id: '01a21dbb-45b8-745e-987a-ba9cc9a271a9',
  user_id: null,
  kinds: ['alert.critical', 'sensor.silent'],
  min_severity: 4,
  quiet_hours: { from: '22:00', to: '07:00', zone: 'Europe/Vienna', days: [4] },
  coalesce_seconds: 90,
  disabled_at: null,
  revision: 3,
  created_at: '2026-11-27T15:59:02Z',
  updated_at: '2026-11-27T15:59:02Z',
};

test('a route that nobody touches is written as it was', () => {
  const { kinds, min_severity, quiet_hours, coalesce_seconds } = ROUTE;
  expect(toBody(toForm(ROUTE))).toEqual({ kinds, min_severity, quiet_hours, coalesce_seconds });
});

test('an unusual span stays among those offered', () => {
  expect(spansWith('90').at(-1)).toEqual(['90', 'Within 90 seconds']);
  expect(spansWith('60')).toHaveLength(5);
});

test('what is missing is told', () => {
  expect([...mistakes(NEW).keys()]).toEqual(['kinds']);
  const quiet_hours = { ...quietFrom(''), to: '22:00', days: [] };
  expect([...mistakes({ ...NEW, kinds: ['job.done'], quiet_hours }).keys()]).toEqual(['quiet_hours', 'days', 'zone']);
});

test('quiet hours fit a line', () => {
  expect(quietLabel(ROUTE.quiet_hours)).toBe('22:00–07:00 Europe/Vienna, Fri');
  expect(quietLabel(quietFrom('UTC'))).toBe('22:00–07:00 UTC');
  expect(quietLabel(null)).toBe('');
});
