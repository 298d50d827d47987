import { expect, test } from 'vitest';
import { mistakes, NEW, toCreate, toForm, toUpdate } from './channelForm';
import type { Channel } from './queries';

const CHAT: Channel = {
  id: '01a21dbb-45b8-745e-987a-ba9cc9a271a8',
  organization_id: 'o',
  kind: 'webhook',
  name: 'chat',
  to: null,
  format: 'slack',
  host: 'hooks.example.org',
  disabled_at: null,
  revision: 1,
  created_at: '2026-11-27T15:59:02Z',
  updated_at: '2026-11-27T15:59:02Z',
};

test('a secret that nobody types stays as it is', () => {
  expect(toUpdate(toForm(CHAT))).toEqual({ name: 'chat', format: 'slack' });
  expect(toUpdate({ ...toForm(CHAT), url: ' https://hooks.example.org/b ' })).toMatchObject({
    url: 'https://hooks.example.org/b',
  });
});

test('each kind is made of what is its own', () => {
  const email = { ...NEW, name: ' SOC ', to: 'a@example.org\nb@example.org, a@example.org' };
  expect(toCreate(email, 'o')).toEqual({
    kind: 'email',
    name: 'SOC',
    to: ['a@example.org', 'b@example.org'],
    organization_id: 'o',
  });
  const hook = { ...NEW, kind: 'webhook' as const, name: 'chat', url: 'https://hooks.example.org/a' };
  expect(toCreate(hook, 'o')).toMatchObject({ kind: 'webhook', url: 'https://hooks.example.org/a', key: null });
});

test('what is missing is told, and of a URL only while there is none', () => {
  expect([...mistakes(NEW, true).keys()]).toEqual(['name', 'to']);
  expect(mistakes({ ...NEW, name: 'x', to: 'nobody' }, true).get('to')).toMatch(/nobody/);
  const hook = { ...NEW, kind: 'webhook' as const, name: 'x' };
  expect([...mistakes(hook, true).keys()]).toEqual(['url']);
  expect(mistakes(hook, false).size).toBe(0);
  expect([...mistakes({ ...hook, url: 'ftp://x', key: 'short' }, false).keys()]).toEqual(['url', 'key']);
});
