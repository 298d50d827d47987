import { mkdirSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { PATHS } from '../src/app/paths';
import { ask, signIn } from '../tests/support/demo';
import { open, settled } from '../tests/support/screens';

// The pictures of docs/tour.md, in the order of the tour.
const folder = process.env.EVENTSEC_TOUR_DIR ?? '../docs/tour';

/** The first that the API lists. */
async function first(path: string): Promise<string> {
  const { items } = await ask<{ items: { id: string }[] }>('GET', path);
  if (!items[0]) throw new Error(`${path} lists nothing.`);
  return items[0].id;
}

const of = (path: string, id: string) => path.replace(/\$\w+/, id);

async function shoot(page: Page, name: string): Promise<void> {
  await expect(page.getByText(/^(…|Connecting)$/)).toHaveCount(0);
  await page.screenshot({ path: `${folder}/${name}.jpg`, quality: 75, animations: 'disabled', caret: 'hide' });
}

test('the tour', async ({ browser }) => {
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await signIn(page, 'admin', '/');
  await settled(page);
  await shoot(page, 'shift');

  await open(page, PATHS.alerts);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: /preview/i })).toBeVisible();
  await settled(page);
  await shoot(page, 'queue');

  await open(page, of(PATHS.alert, await first('/alerts?limit=1&sort=-risk&status=new')));
  await shoot(page, 'alert');

  await open(page, of(PATHS.incident, await first('/incidents?status=investigating&limit=1')));
  await shoot(page, 'incident');

  await open(page, PATHS.handovers);
  await page.getByRole('link', { name: 'Day' }).click();
  await settled(page);
  await shoot(page, 'handover');

  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, PATHS.explorer);
  await page.keyboard.press('/');
  await page.keyboard.type('source.ip:10.20.0.0/16 and dest');
  await expect(page.getByRole('listbox')).toBeVisible();
  await shoot(page, 'explorer');

  await open(page, PATHS.sensors);
  await page.getByRole('link', { name: 'demo-suricata-eve' }).click();
  await page.getByRole('tab', { name: 'Connect' }).click();
  await settled(page);
  await shoot(page, 'sensor');

  await open(page, PATHS.quarantine);
  await shoot(page, 'quarantine');

  await open(page, PATHS.status);
  await shoot(page, 'status');

  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, PATHS.alerts);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('supp');
  await expect(page.getByRole('option').first()).toBeVisible();
  await shoot(page, 'palette');

  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, PATHS.alerts);
  await shoot(page, 'phone');
  await context.close();
});
