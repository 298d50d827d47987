import { expect, type Page, test } from '@playwright/test';
import { ready, signIn } from './support/demo';
import { away, server } from './support/machine';
import { settled } from './support/screens';

// Rows that can be acknowledged.
const NEW = `/alerts?chosen=${encodeURIComponent('{"status":["new"]}')}`;
const AWAY = /what was last heard/;

const rows = (page: Page) =>
  page
    .getByRole('grid', { name: 'Alerts' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });

/** Anything that loads the page anew would lose this. */
async function mark(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  return () => page.evaluate(() => 'stillHere' in window);
}

test.beforeEach(async ({ page }) => {
  test.setTimeout(240_000);
  await ready();
  await signIn(page, 'analyst', NEW);
  await settled(page);
  await expect(rows(page).first()).toBeVisible();
});

test('without OpenSearch the queue is read from Postgres, and says so until it is back', async ({ page }) => {
  const stays = await mark(page);
  server('opensearch', 'kill');
  try {
    await page.keyboard.press('/');
    await page.keyboard.type('severity:>=medium');
    await page.keyboard.press('Enter');
    await expect(page.getByText(/without search|degraded/i).first()).toBeVisible({ timeout: 60_000 });
    await expect(rows(page).first()).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('without-opensearch.png') });
  } finally {
    server('opensearch', 'start');
  }
  await expect(page.getByText(/without search|degraded/i)).toHaveCount(0, { timeout: 120_000 });
  expect(await stays()).toBe(true);
});

for (const [what, names] of [
  ['the API', ['api']],
  ['everything', ['web', 'api', 'ingest', 'indexer']],
] as const) {
  test(`without ${what} the rows stay, nothing is said to be done, and it heals by itself`, async ({ page }) => {
    const stays = await mark(page);
    const [first] = await rows(page).allInnerTexts();
    const title = first?.split('\n').find((line) => line.length > 12) ?? '';
    expect(title).not.toBe('');
    const back = away(...names);
    try {
      await expect(page.getByText(AWAY)).toBeVisible({ timeout: 60_000 });
      await expect(rows(page).first()).toContainText(title);
      await page.keyboard.press('e');
      await expect(page.getByText(/^Not acknowledged/).first()).toBeVisible({ timeout: 60_000 });
      await page.screenshot({ path: test.info().outputPath('away.png') });
    } finally {
      back();
    }
    await expect(page.getByText(AWAY)).toHaveCount(0, { timeout: 90_000 });
    await expect(page.getByText(/^Live/)).toBeVisible({ timeout: 60_000 });
    const acknowledged = page.waitForResponse((reply) => reply.url().endsWith('/acknowledge') && reply.ok());
    await page.keyboard.press('e');
    await acknowledged;
    expect(await stays()).toBe(true);
  });
}
