import { expect, test } from '@playwright/test';
import { signIn } from './support/demo';

test('ten alerts are acknowledged and one is closed by keyboard alone', async ({ page }) => {
  await signIn(page, 'analyst', `/alerts?chosen=${encodeURIComponent('{"status":["new"]}')}`);
  const rows = page
    .getByRole('grid', { name: 'Alerts' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });
  await expect(rows.first()).toBeVisible();
  const acknowledged = page.waitForResponse((reply) => reply.url().endsWith('/acknowledge') && reply.ok());
  await page.keyboard.press('e');
  await acknowledged;
  for (let done = 1; done < 10; done += 1) {
    const next = page.waitForResponse((reply) => reply.url().endsWith('/acknowledge'));
    await page.keyboard.press('e');
    expect((await next).status()).toBe(200);
  }
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: /Close/ });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
