import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { ask, sendAll, signIn } from '../tests/support/demo';
import { settled } from '../tests/support/screens';

const ROWS = Number(process.env.EVENTSEC_BENCH_ROWS ?? 100_000);
const BATCH = 5_000;
const KEYS = 200;

/** As many alerts as there are to be rows, each of its own rule and address, so that none folds into another. */
async function fill(rows: number): Promise<void> {
  const began = Date.now();
  for (let sent = 0; sent < rows; sent += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, rows - sent) }, (_, at) => {
      const number = sent + at;
      return {
        timestamp: new Date(began - number * 100).toISOString(),
        event_type: 'alert',
        flow_id: number,
        proto: 'TCP',
        src_ip: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
        src_port: 40_000,
        dest_ip: '10.20.50.10',
        dest_port: 443,
        alert: { signature_id: 8_000_000 + number, signature: `Measured ${number}`, severity: 1 + (number % 3) },
      };
    });
    await sendAll('suricata_eve', records);
  }
  // A total ends at ten thousand, a facet does not.
  const found = async () =>
    (
      await ask<{ facets: { status: { value: string; count: number }[] } }>('GET', '/alerts/facets?field=status')
    ).facets.status.find((one) => one.value === 'new')?.count ?? 0;
  await expect.poll(found, { timeout: 600_000, intervals: [2_000] }).toBeGreaterThanOrEqual(rows);
}

/** Which row the keys act on, counted from the top. */
const cursorRow = (page: Page) =>
  page.getByRole('grid', { name: 'Alerts' }).evaluate((grid) => {
    const id = grid.getAttribute('aria-activedescendant') ?? '';
    return Number(document.getElementById(id)?.getAttribute('aria-rowindex'));
  });

/** Milliseconds from a key until what it changed is on the screen; each press has to move by a row. */
async function keyToPaint(page: Page, key: string, times: number): Promise<number[]> {
  const from = await cursorRow(page);
  const taken = await press(page, key, times);
  await expect.poll(async () => Math.abs((await cursorRow(page)) - from)).toBe(times);
  return taken;
}

async function press(page: Page, key: string, times: number): Promise<number[]> {
  return await page.evaluate(
    async ([pressed, count]) => {
      const taken: number[] = [];
      for (let at = 0; at < count; at += 1) {
        const began = performance.now();
        document.activeElement?.dispatchEvent(
          new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }),
        );
        // The frame that shows it has begun by the first callback, and was painted by the task after it.
        await new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));
        taken.push(performance.now() - began);
      }
      return taken;
    },
    [key, times] as const,
  );
}

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

async function firstPaint(page: Page): Promise<number> {
  return await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);
}

test('the queue', async ({ page, browser }) => {
  const figures: Record<string, number> = {};
  await page.goto('/login');
  await settled(page);
  figures['login, first contentful paint, ms'] = await firstPaint(page);
  await signIn(page, 'analyst');
  await settled(page);

  const fresh = await browser.newContext({ storageState: await page.context().storageState() });
  const again = await fresh.newPage();
  await again.goto('/alerts');
  await settled(again);
  figures['alerts, first contentful paint, ms'] = await firstPaint(again);
  await fresh.close();

  const few = await keyToPaint(page, 'j', KEYS);
  figures['j to paint, a page of rows, p50 ms'] = percentile(few, 0.5);
  figures['j to paint, a page of rows, p95 ms'] = percentile(few, 0.95);

  await fill(ROWS);
  await page.goto('/alerts');
  await settled(page);
  const scroller = page.getByRole('grid', { name: 'Alerts' });
  const rowHeight = await scroller
    .getByRole('row')
    .nth(1)
    .evaluate((row) => row.getBoundingClientRect().height);
  const loaded = async () => Math.round((await scroller.evaluate((element) => element.scrollHeight)) / rowHeight) - 1;
  const began = Date.now();
  for (let before = await loaded(); before < ROWS; before = await loaded()) {
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect.poll(loaded, { timeout: 30_000, intervals: [20] }).toBeGreaterThan(before);
  }
  figures['rows loaded'] = await loaded();
  figures['to load them by scrolling, s'] = (Date.now() - began) / 1000;
  await page.keyboard.press('End');
  await expect.poll(() => cursorRow(page)).toBeGreaterThan(ROWS);
  const many = await keyToPaint(page, 'k', KEYS);
  figures['k to paint, all rows, p50 ms'] = percentile(many, 0.5);
  figures['k to paint, all rows, p95 ms'] = percentile(many, 0.95);
  figures['elements in the document'] = await page.evaluate(() => document.querySelectorAll('*').length);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  figures['heap in use, MB'] = usedSize / 1e6;

  for (const [name, value] of Object.entries(figures))
    console.log(`${name.padEnd(44)} ${value.toFixed(1).padStart(10)}`);
  mkdirSync('../reports', { recursive: true });
  writeFileSync('../reports/web-bench.json', JSON.stringify(figures, null, 2));
});
