import { expect, test } from 'vitest';
import { asksToSignIn, doorAt } from './door';

const where = (href: string) => new URL(href, 'https://eventsec.example');

test.each([
  ['/', '/login?next=%2F'],
  ['/alerts?query=host:a#b', '/login?next=%2Falerts%3Fquery%3Dhost%3Aa%23b'],
  ['/login', '/login'],
  ['/login/?next=%2Falerts', '/login?next=%2Falerts'],
  ['/sign-in?error=oidc_no_role', '/login?error=oidc_no_role'],
  ['/password', '/login'],
  ['/password?next=%2Falerts', '/login?next=%2Falerts'],
  ['/invitation#code=abc', '/invitation#code=abc'],
])('nobody at %s stands at %s', (href, door) => {
  expect(doorAt(where(href))).toBe(door);
});

test.each([
  ['/login?next=%2F', true],
  ['/sign-in?error=x', true],
  ['/invitation', false],
  ['/login-history', false],
  ['/', false],
])('whether %s asks everybody to sign in: %s', (href, asks) => {
  expect(asksToSignIn(where(href))).toBe(asks);
});
