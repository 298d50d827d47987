import { test as base, expect, type Page } from '@playwright/test';
import { answered, said } from './support/answered';
import { type Attack, attack, sent } from './support/attack';
import { ready, signIn } from './support/demo';
import { away, server } from './support/machine';
import { isAt, isNow, search, titles } from './support/queue';

const AWAY = /what was last heard/;
/** The list says it of its rows, the head of its counts. */
const SEARCHLESS = [/^Answered without search/, /^Counted without search/];
/** Who is killed waits half a minute at most to be started again, and has a minute and a half to be ready. */
const BACK_MS = 120_000;

/** Alerts that nobody else works on, in the queue that is looked at. */
const test = base.extend<{ knocks: Attack }>({
  knocks: async ({ page }, use) => {
    const knocks = attack(3);
    await ready();
    await sent(knocks);
    await signIn(page, 'analyst', `/alerts?query=${encodeURIComponent(knocks.query)}`);
    for (const title of knocks.titles) await isNow(page, title, 'New');
    await expect(page.getByText(/^Live/)).toBeVisible();
    await use(knocks);
  },
});
// A server of theirs may need minutes to start on a slow machine.
test.describe.configure({ timeout: 600_000 });

/** Anything that loads the page anew would lose this. */
async function mark(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  return () => page.evaluate(() => 'stillHere' in window);
}

for (const [what, names] of [
  ['the API', ['api']],
  ['everything', ['web', 'api', 'ingest', 'indexer']],
] as const) {
  test(`without ${what} the rows stay, nothing is said to be done, and it heals by itself`, async ({
    page,
    knocks: _,
  }) => {
    const stays = await mark(page);
    const order = await titles(page);
    const [first = '', second = ''] = order;
    const back = away(...names);
    try {
      await expect(page.getByText(AWAY)).toBeVisible({ timeout: 60_000 });
      await isAt(page, first);
      await page.keyboard.press('e');
      await expect(said(page, `Not acknowledged: ${first}`)).toBeVisible({ timeout: 60_000 });
      await isNow(page, first, 'New');
      expect(await titles(page)).toEqual(order);
      await page.screenshot({ path: test.info().outputPath('away.png') });
    } finally {
      back();
    }
    await expect(page.getByText(AWAY)).toHaveCount(0, { timeout: BACK_MS });
    await expect(page.getByText(/^Live/)).toBeVisible({ timeout: 60_000 });
    await isAt(page, second);
    await answered(page, 'POST', /\/acknowledge$/, () => page.keyboard.press('e'));
    await isNow(page, second, 'Acknowledged');
    expect(await stays()).toBe(true);
  });
}

// Last, for what came in meanwhile is found only once it has been caught up with, which may take minutes.
test('without OpenSearch the queue is read from Postgres, and says so until it is back', async ({ page, knocks }) => {
  const stays = await mark(page);
  await server('opensearch', 'kill');
  try {
    await search(page, `${knocks.query} AND severity:>=critical`);
    for (const words of SEARCHLESS) await expect(page.getByText(words)).toBeVisible({ timeout: 60_000 });
    await expect.poll(() => titles(page)).toEqual(knocks.titles.slice(0, 1));
    await page.screenshot({ path: test.info().outputPath('without-opensearch.png') });
  } finally {
    await server('opensearch', 'start');
  }
  for (const words of SEARCHLESS) await expect(page.getByText(words)).toHaveCount(0, { timeout: 120_000 });
  expect(await stays()).toBe(true);
});
