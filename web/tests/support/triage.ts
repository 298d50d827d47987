import { expect, type Page, test } from '@playwright/test';
import type { Picture } from './album';
import { answered, said } from './answered';
import type { Attack } from './attack';
import { chooses, isAt, isNow, row, search, titles } from './queue';

/** The attack goes on while somebody looks at the queue. */
export async function arrives(page: Page, { query, titles: sent, send }: Attack, picture: Picture) {
  await test.step('what comes in is counted, and shown when asked for', async () => {
    await search(page, query);
    await expect(page.getByText('Nothing matches')).toBeVisible();
    await send();
    await expect(page.getByRole('button', { name: /^10 new/ })).toBeVisible({ timeout: 60_000 });
    await picture(page, 'ten are new');
    await page.keyboard.press('.');
    for (const title of sent) await isNow(page, title, 'New');
  });
}

/** Ten alerts in the order they are listed in, and nothing but keys. */
export async function triage(page: Page, picture: Picture) {
  const order = await titles(page);
  const nth = (place: number) => order[place - 1] ?? '';
  const { keyboard } = page;

  await test.step('three are acknowledged, one after the other', async () => {
    for (const place of [1, 2, 3]) {
      await isAt(page, nth(place));
      await answered(page, 'POST', /\/acknowledge$/, () => keyboard.press('e'));
      await isNow(page, nth(place), 'Acknowledged');
    }
    await picture(page, 'three are acknowledged');
  });

  await test.step('two are selected, and acknowledged together', async () => {
    await keyboard.press('j');
    await isAt(page, nth(5));
    await keyboard.press('k');
    await isAt(page, nth(4));
    for (const key of ['x', 'j', 'x']) await keyboard.press(key);
    await chooses(page, '2 selected');
    await picture(page, 'two are selected');
    await answered(page, 'POST', /\/alerts\/bulk$/, () => keyboard.press('e'));
    await isNow(page, nth(4), 'Acknowledged');
    await isNow(page, nth(5), 'Acknowledged');
    await expect(said(page, 'Acknowledged 2 alerts')).toBeVisible();
  });

  await test.step('one is put off', async () => {
    await keyboard.press('j');
    await keyboard.press('z');
    const dialog = page.getByRole('dialog', { name: 'Snooze' });
    await expect(dialog.getByRole('button', { name: '1 hour' })).toBeFocused();
    await picture(page, 'one is put off');
    await answered(page, 'PUT', /\/snooze$/, () => keyboard.press('Enter'));
    await expect(row(page, nth(6)).getByRole('img', { name: 'Snoozed' })).toBeVisible();
  });

  await test.step('work on one begins', async () => {
    await keyboard.press('j');
    await keyboard.press('s');
    const dialog = page.getByRole('dialog', { name: 'Status' });
    await expect(dialog.getByRole('button', { name: 'Acknowledge' })).toBeFocused();
    await keyboard.press('Tab');
    await expect(dialog.getByRole('button', { name: 'Start work' })).toBeFocused();
    await answered(page, 'POST', /\/start$/, () => keyboard.press('Enter'));
    await isNow(page, nth(7), 'In progress');
  });

  await test.step('one is closed with a verdict', async () => {
    await keyboard.press('j');
    await keyboard.press('c');
    await saysWhy(page, 'Benign', 'A colleague looks for open doors.');
    await picture(page, 'one is closed with a verdict');
    const reply = await answered(page, 'POST', /\/close$/, () => keyboard.press('Enter'));
    expect(reply.request().postDataJSON()).toMatchObject({ verdict: 'benign_positive', reason: 'authorised_activity' });
    await isNow(page, nth(8), 'Closed');
  });

  await test.step('two are closed together, once it is said how many', async () => {
    await isAt(page, nth(9));
    await keyboard.press('J');
    await chooses(page, '2 selected');
    await keyboard.press('c');
    await saysWhy(page, 'False', 'Nobody answered.');
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Close alerts' });
    await expect(dialog.getByRole('button', { name: 'Close 2 alerts' })).toBeFocused();
    await picture(page, 'two are closed together');
    await answered(page, 'POST', /\/jobs\/[^/]+\/start$/, () => keyboard.press('Enter'));
    await expect(dialog.getByRole('button', { name: 'Done' })).toBeFocused();
    await keyboard.press('Enter');
    await isNow(page, nth(9), 'Closed');
    await isNow(page, nth(10), 'Closed');
    // No row went anywhere.
    expect(await titles(page)).toEqual(order);
    await picture(page, 'ten are triaged');
  });
}

/** What the closing dialog of alerts asks, by keys; what is left is to say that it is so. */
async function saysWhy(page: Page, verdict: string, note: string) {
  const dialog = page.getByRole('dialog', { name: 'Close' });
  await expect(dialog.getByLabel('Verdict')).toBeFocused();
  await page.keyboard.type(verdict);
  await page.keyboard.press('Tab');
  await expect(dialog.getByLabel('Reason')).toBeFocused();
  await expect(dialog.getByLabel('Reason')).not.toHaveValue('');
  await page.keyboard.press('Tab');
  await page.keyboard.type(note);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: 'Close', exact: true })).toBeFocused();
}

/** From the first three rows, by keys, to the page of what they became. */
export async function open(page: Page, title: string, picture: Picture) {
  const { keyboard } = page;
  await test.step('the worst three become an incident', async () => {
    const [worst = ''] = await titles(page);
    await keyboard.press('Home');
    await isAt(page, worst);
    await keyboard.press('J');
    await keyboard.press('J');
    await chooses(page, '3 selected');
    await keyboard.press('i');
    await expect(page.getByRole('dialog').getByLabel('Title')).toBeFocused();
    await keyboard.type(title);
    await picture(page, 'an incident is opened');
    await answered(page, 'POST', /\/incidents\/bulk$/, () => keyboard.press('Enter'));
    await expect(said(page, /^Linked 3 alerts to #\d+$/)).toBeVisible();
    await expect(row(page, worst).getByText('Incident', { exact: true })).toBeVisible();
    await keyboard.press('Home');
    await keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Preview' }).getByRole('link', { name: 'Open the incident' }).click();
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await picture(page, 'the incident');
  });
}
