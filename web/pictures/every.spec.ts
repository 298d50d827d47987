import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { signIn } from '../tests/support/demo';
import { open, screens } from '../tests/support/screens';

const folder = process.env.EVENTSEC_PICTURES_DIR ?? '../reports/screenshots';
const WIDTHS = [1280, 1440, 1920];
const PHONE = { width: 390, height: 844 };
/** What must be usable on a phone, in a pocket or on a train. */
const ON_PHONE = ['shift', 'alerts', 'alert', 'incidents', 'incident'];

for (const theme of ['dark', 'light'] as const) {
  test(`every screen, in ${theme}`, async ({ browser }) => {
    mkdirSync(folder, { recursive: true });
    const context = await browser.newContext({ colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const shoot = async (name: string, width: number, height = 900) => {
      await page.setViewportSize({ width, height });
      // What is counted comes a little after what is listed.
      if (name !== 'design') await expect(page.getByText(/^(…|Connecting)$/)).toHaveCount(0);
      await page.screenshot({ path: `${folder}/${name}-${width}-${theme}.png` });
    };
    await page.goto('/login');
    for (const width of WIDTHS) await shoot('login', width);
    await signIn(page, 'admin');
    for (const { name, path } of await screens()) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await open(page, path);
      for (const width of WIDTHS) await shoot(name, width);
      if (ON_PHONE.includes(name)) {
        await page.setViewportSize(PHONE);
        await open(page, path);
        await shoot(name, PHONE.width, PHONE.height);
      }
    }
    await context.close();
  });
}
