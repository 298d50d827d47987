import { expect, test } from '@playwright/test';
import { demo, signIn } from './support/demo';
import { OPENED, open } from './support/screens';

test('no page asks another host, breaks the policy, or keeps a secret', async ({ page, context }) => {
  const foreign: string[] = [];
  const broken: string[] = [];
  const ours = new URL(demo.web_url).host;
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'blob:' && url.host !== ours) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) broken.push(message.text());
  });
  await signIn(page, 'admin');
  for (const { path } of OPENED) {
    await open(page, path);
  }
  expect(foreign).toEqual([]);
  expect(broken).toEqual([]);

  // Nothing that a script in the page could take away: the session is in a cookie it cannot read.
  const [session] = (await context.cookies()).filter((cookie) => cookie.name.endsWith('eventsec'));
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    cookie: document.cookie,
  }));
  const said = JSON.stringify(kept);
  for (const secret of [session?.value ?? '', demo.users.admin.password, demo.api_token])
    expect(said).not.toContain(secret);
  const csrf = await page.evaluate(
    async () => (await (await fetch('/api/v1/auth/session')).json()).csrf_token as string,
  );
  expect(csrf.length).toBeGreaterThan(10);
  expect(said).not.toContain(csrf);
  expect(kept.databases).toEqual([]);
  expect(kept.cookie).toBe('');
});

test('the policy allows no inline script, and none runs', async ({ page, request }) => {
  const policy = (await request.get('/')).headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|data:|\*/);
  await page.goto('/login');
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return 'ran' in window;
  });
  expect(ran).toBe(false);
});

test('signing in leads to no other host', async ({ page }) => {
  for (const next of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
  ]) {
    const { email, password } = demo.users.analyst;
    await page.context().clearCookies();
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.startsWith('/login'));
    expect(new URL(page.url()).host).toBe(new URL(demo.web_url).host);
  }
});
