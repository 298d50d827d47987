import { expect, test } from '@playwright/test';
import { signIn } from './support/demo';
import { axe } from './support/rules';
import { open, screens } from './support/screens';

for (const theme of ['dark', 'light'] as const) {
  test(`every page can be used by everybody, in ${theme}`, async ({ browser }) => {
    test.setTimeout(300_000);
    const context = await browser.newContext({ colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const found: string[] = [];
    let checks = 0;
    async function check(name: string) {
      const { violations, passes } = await axe(page).analyze();
      checks += passes.length + violations.length;
      for (const one of violations)
        found.push(`${name}: ${one.id} (${one.help}) at ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4)}`);
    }
    await page.goto('/login');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await check('login');
    await signIn(page, 'admin');
    for (const { name, path } of await screens()) {
      await open(page, path);
      await check(name);
    }
    console.log(`axe: ${checks} checks in ${theme}, ${found.length} violations`);
    expect(found).toEqual([]);
    await context.close();
  });
}
