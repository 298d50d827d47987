import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import type { Picture } from './album';
import { answered } from './answered';

const run = promisify(execFile);
/** What the product promises of a new sensor. */
const FIRST_EVENT_MS = 120_000;

/** From a name to the first event, by the command that is shown, as it is shown. */
export async function connect(page: Page, name: string, picture: Picture) {
  await test.step('a sensor is added', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('button', { name: 'Add sensor' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add sensor' });
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByLabel('What it sends').selectOption('suricata_eve');
    await picture(page, 'a sensor');
    await answered(page, 'POST', /\/sensors$/, () => dialog.getByRole('button', { name: 'Add sensor' }).click());
  });

  const dialog = page.getByRole('dialog', { name: `Connect ${name}` });
  await test.step('the command shown sends its first event, which is seen at once', async () => {
    await expect(dialog.getByText('Listening for the first event…')).toBeVisible();
    const key = await dialog.getByRole('region', { name: 'Key', exact: true }).locator('pre').innerText();
    const command = await dialog.getByRole('region', { name: 'Command' }).innerText();
    expect(command).toMatch(/^curl /);
    expect(command).toContain(key);
    await picture(page, 'how it is connected');
    const began = Date.now();
    const { stdout } = await run('sh', ['-c', command]);
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1 });
    await expect(dialog.getByText(/First event seen/)).toBeVisible({ timeout: FIRST_EVENT_MS });
    await expect(dialog.getByText('First event of a new sensor', { exact: true })).toBeVisible();
    console.log(`first event: seen after ${((Date.now() - began) / 1_000).toFixed(1)} s`);
    await picture(page, 'the first event');
  });

  await test.step('it is disabled again, for nothing sends', async () => {
    await dialog.getByRole('button', { name: 'Go to the sensor' }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    const sure = page.getByRole('dialog', { name: `Disable ${name}` });
    await answered(page, 'PATCH', /\/sensors\//, () => sure.getByRole('button', { name: 'Disable sensor' }).click());
    await expect(page.getByRole('button', { name: 'Enable', exact: true })).toBeVisible();
    await picture(page, 'the sensor');
  });
}
