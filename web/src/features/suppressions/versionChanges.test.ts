import { expect, test } from 'vitest';
import { differences } from './versionChanges';

const content = {
  name: 'Scanner',
  query: 'rule.id:1',
  mode: 'active',
  ends_at: '2026-12-01T00:00:00Z',
  recurrence: null,
};

test('only what differs is told, times in the zone', () => {
  expect(
    differences(content, { ...content, query: 'rule.id:2', ends_at: '2026-12-02T00:00:00Z' }, 'Europe/Vienna'),
  ).toEqual([
    { name: 'Query', before: 'rule.id:1', after: 'rule.id:2' },
    { name: 'Ends', before: '2026-12-01 01:00:00', after: '2026-12-02 01:00:00' },
  ]);
});

test('a window is one thing', () => {
  const windowed = { ...content, recurrence: 'FREQ=DAILY;BYHOUR=2', duration: 3600, zone: 'UTC' };
  expect(differences(content, windowed, 'utc')).toEqual([
    { name: 'Windows', before: 'none', after: 'Every day at 02:00 for 1h, UTC' },
  ]);
});
