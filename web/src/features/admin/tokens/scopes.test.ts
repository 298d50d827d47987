import { expect, test } from 'vitest';
import { scopeLabel, scopesOf, stateOf } from './scopes';

test('scopes read as words, and what reads and writes one thing stands together', () => {
  expect(scopeLabel('incidents:break_glass')).toBe('Incidents: break glass');
  expect(scopeLabel('*')).toBe('Everything its maker may');
  expect(scopesOf(['views:write', 'alerts:write', 'alerts:read']).map((one) => one.value)).toEqual([
    'alerts:read',
    'alerts:write',
    'views:write',
  ]);
});

test('a token works until it is revoked or over', () => {
  const now = Date.parse('2026-11-27T12:00:00Z');
  const token = (expires_at: string | null, revoked_at: string | null = null) => ({ expires_at, revoked_at });
  expect(stateOf(token('2027-02-25T00:00:00Z'), now)).toBe('active');
  expect(stateOf(token('2026-11-30T00:00:00Z'), now)).toBe('expires soon');
  expect(stateOf(token('2026-11-27T12:00:00Z'), now)).toBe('expired');
  expect(stateOf(token('2027-02-25T00:00:00Z', '2026-11-01T00:00:00Z'), now)).toBe('revoked');
  expect(stateOf(token(null), now)).toBe('active');
});
