import { expect, test } from 'vitest';
import { shortZone, zonesOf } from './zones';

test('the team’s zone is offered where it has one of its own, and what was chosen stays', () => {
  expect(zonesOf('utc', null).map(([zone]) => zone)).toEqual(['utc', 'local']);
  expect(zonesOf('utc', 'UTC').map(([zone]) => zone)).toEqual(['utc', 'local']);
  expect(zonesOf('Asia/Tokyo', 'Europe/Berlin').at(2)).toEqual(['Europe/Berlin', 'Team (Berlin)']);
  expect(zonesOf('Asia/Tokyo', 'Europe/Berlin').at(3)).toEqual(['Asia/Tokyo', 'Tokyo']);
});

test('zones are called by their places', () => expect(shortZone('America/New_York')).toBe('New York'));
