import { expect, test } from 'vitest';
import type { Member } from './queries';
import { isLastAdmin, whyNoReset } from './roles';

const member = (id: string, more: Partial<Member> = {}): Member => ({
  id,
  organization_id: 'o',
  email: `${id}@example.org`,
  name: id,
  role: 'admin',
  source: 'local',
  disabled_at: null,
  created_at: '2026-11-27T15:58:43Z',
  ...more,
});

test('the last admin is the one whom nobody else could replace', () => {
  const ada = member('ada');
  expect(isLastAdmin(ada, [ada, member('ari', { role: 'analyst' })])).toBe(true);
  expect(isLastAdmin(ada, [ada, member('gone', { disabled_at: '2026-11-27T15:58:43Z' })])).toBe(true);
  expect(isLastAdmin(ada, [ada, member('elsewhere', { organization_id: 'other' })])).toBe(true);
  expect(isLastAdmin(ada, [ada, member('bea')])).toBe(false);
});

test('nobody resets oneself, nor who has no password here', () => {
  expect(whyNoReset(member('ada'), 'ada')).toMatch(/settings/);
  expect(whyNoReset(member('ari', { source: 'oidc' }), 'ada')).toMatch(/identity provider/);
  expect(whyNoReset(member('ari'), 'ada')).toBeUndefined();
});
