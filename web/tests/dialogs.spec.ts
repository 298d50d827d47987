import { type BrowserContext, expect as base, type Locator, type Page, test } from '@playwright/test';
import { signIn } from './support/demo';
import { opened, PLACES } from './support/popups';
import type { Place, Popup, Trail } from './support/popups/steps';
import { axe } from './support/rules';
import { open, settled } from './support/screens';
import { makeStates, type States } from './support/states';

// All of them are looked at though some are wrong, and nothing takes long here.
const expect = base.configure({ timeout: 20_000 });
// A trace of so many pages is slow, and what is wrong is said in words.
test.use({ trace: 'off' });

const OPEN = 'dialog, [role=dialog], [role=alertdialog], [role=menu], [role=listbox]';

test('each thing that opens over a page is in the list', () => {
  const listed = PLACES.flatMap(({ popups }) => popups).map(({ of }) => of);
  const missing = [...opened()]
    .map(([file, count]) => ({ file, count, listed: listed.filter((one) => one === file).length }))
    .filter((one) => one.listed < one.count);
  base(missing).toEqual([]);
  base(listed.filter((file) => !opened().has(file))).toEqual([]);
});

test.describe('each thing that opens can be used by everybody', () => {
  test.describe.configure({ timeout: 300_000 });
  let states: States;
  let context: BrowserContext;
  let looked = 0;
  let checks = 0;

  test.beforeAll(async ({ browser }) => {
    states = await makeStates();
    context = await browser.newContext({ reducedMotion: 'reduce' });
    await signIn(await context.newPage(), 'admin');
  });

  for (const place of PLACES)
    test(place.name, async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      const wrong: string[] = [];
      let clean = false;
      for (const popup of place.popups) {
        if (!clean) await begin(page, place, states);
        clean = popup.anew === undefined;
        try {
          const seen = await look(page, popup, states);
          checks += seen.checks;
          wrong.push(...seen.wrong.map((one) => `${popup.of} ${popup.called}: ${one}`));
        } catch (error) {
          clean = false;
          wrong.push(`${popup.of} ${popup.called}: ${String(error).split('\n').slice(0, 9).join(' ')}`);
        }
        looked += 1;
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      }
      base(wrong).toEqual([]);
      await page.close();
    });

  test.afterAll(async () => {
    console.log(`axe: ${looked} dialogs, ${checks} checks in both themes`);
    await context.close();
  });
});

async function begin(page: Page, { path, width = 1440 }: Place, states: States): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await open(page, path(states));
  await expect(page.locator(OPEN)).toHaveCount(0);
}

/** Opens it, looks at it, closes it by Escape, and finds the focus where it was. */
async function look(page: Page, popup: Popup, states: States): Promise<{ checks: number; wrong: string[] }> {
  const trail: Trail = {};
  for (const step of popup.how) await step(page, trail, states);
  const { role = 'dialog', called } = popup;
  const one = page.getByRole(role, { name: called, exact: typeof called === 'string' });
  await expect(one).toBeVisible();
  await expect(one.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await expect.poll(() => holdsFocus(page, one, role), 'the focus is inside').toBe(true);
  const wrong: string[] = [];
  let checks = 0;
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const { violations, passes } = await axe(page).include(OPEN).analyze();
    checks += passes.length + violations.length;
    for (const { id, help, nodes } of violations)
      wrong.push(`${theme}: ${id} (${help}) at ${nodes.map((node) => node.target.join(' ')).slice(0, 3)}`);
  }
  if (process.env.SHOTS) {
    const file = `${popup.of.replaceAll('/', '_')}-${String(called).replace(/\W+/g, '_')}`;
    await page.screenshot({ path: `${process.env.SHOTS}/${file}.png` });
  }
  await page.keyboard.press('Escape');
  await expect(one).toHaveCount(0);
  if (!popup.leads) await returned(page, trail);
  // What lies below is closed for the next one; where that begins with a fresh page, it may ask before it goes.
  if (popup.anew) return { checks, wrong };
  for (let left = 3; left > 0 && (await page.locator(OPEN).count()) > 0; left -= 1) {
    const before = await page.locator(OPEN).count();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator(OPEN).count()).toBeLessThan(before);
  }
  await settled(page);
  return { checks, wrong };
}

async function returned(page: Page, { opener, held }: Trail): Promise<void> {
  if (!held) await expect(opener ?? page.locator('body'), 'the focus is back').toBeFocused();
  else await expect.poll(() => held.evaluate((one) => one === document.activeElement), 'the focus is back').toBe(true);
}

/** A list's focus stays in its field, which says where in the list one is. */
async function holdsFocus(page: Page, one: Locator, role: string): Promise<boolean> {
  if (role === 'listbox')
    return await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded') === 'true');
  return await one.evaluate((popup) => popup.contains(document.activeElement));
}
