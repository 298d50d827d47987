import { expect, type Page, test } from '@playwright/test';
import type { Picture } from './album';
import { answered } from './answered';
import type { Attack } from './attack';

/** What is done with an incident until it could be closed. */
export async function work(page: Page, { address }: Attack, picture: Picture) {
  const { keyboard } = page;
  await test.step('it is taken', async () => {
    await answered(page, 'POST', /\/assign$/, () => keyboard.press('m'));
    await expect(page.getByRole('button', { name: /^Take/ })).toBeDisabled();
  });

  await test.step('a note is added', async () => {
    await keyboard.press('n');
    await expect(page.getByRole('textbox', { name: 'New note' })).toBeFocused();
    await keyboard.type('They tried **ten** doors:\n\n- all of them `443`\n- none was open');
    await answered(page, 'POST', /\/notes$/, () => keyboard.press('Control+Enter'));
    const note = page.getByRole('tabpanel').getByRole('listitem').filter({ hasText: 'They tried' });
    await expect(note.locator('strong', { hasText: 'ten' })).toBeVisible();
    await expect(note.getByRole('listitem')).toHaveCount(2);
    await picture(page, 'a note');
  });

  await test.step('a task has to be done before it is closed', async () => {
    await page.getByRole('button', { name: /^Task/ }).click();
    await expect(page.getByRole('textbox', { name: 'New task' })).toBeFocused();
    await keyboard.type('Block the address');
    await answered(page, 'POST', /\/tasks$/, () => keyboard.press('Enter'));
    await page.getByRole('button', { name: 'Block the address', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Task' });
    await dialog.getByRole('switch', { name: /Required/ }).click();
    await answered(page, 'PATCH', /\/tasks\//, () => dialog.getByRole('button', { name: 'Save' }).click());
    await expect(page.getByText('required', { exact: true })).toBeVisible();
    await picture(page, 'a task');
  });

  await test.step('what somebody else saw is pasted', async () => {
    await page.getByRole('tab', { name: /Observables/ }).click();
    await page.getByRole('button', { name: 'Add observables…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Text').fill(`They also fetched hxxps://knock[.]example/list from ${address}`);
    await dialog.getByRole('button', { name: 'Find values' }).click();
    await expect(dialog.getByRole('list', { name: 'Found values' })).toContainText('knock');
    await picture(page, 'observables are found');
    await answered(page, 'POST', /\/observables$/, () => dialog.getByRole('button', { name: /^Add \d/ }).click());
    await expect(page.getByRole('table', { name: 'Observables' })).toContainText('knock');
    await picture(page, 'observables');
  });
}

/** Closing leads through all that it lacks, one after the other, until a second person has to be asked. */
export async function askToClose(page: Page, picture: Picture) {
  const { keyboard } = page;
  const closing = page.getByRole('dialog', { name: /^Close #/ });

  await test.step('closing says what is missing, and leads there', async () => {
    await page.getByRole('button', { name: /^Close…/ }).click();
    await expect(closing.getByText('The required task “Block the address”')).toBeVisible();
    await expect(closing.getByText('A summary')).toBeVisible();
    await picture(page, 'what is missing');
    await closing.getByRole('button', { name: 'Go to tasks' }).click();
    const done = page.getByRole('checkbox', { name: 'Done: Block the address' });
    await answered(page, 'PATCH', /\/tasks\//, () => done.click());
    await expect(page.getByRole('checkbox', { name: 'Open again: Block the address' })).toBeChecked();
    await page.getByRole('button', { name: /^Close…/ }).click();
    await expect(closing.getByText('The required task')).toHaveCount(0);
    await closing.getByRole('button', { name: 'Write it' }).click();
    await expect(page.getByRole('textbox', { name: 'Summary' })).toBeFocused();
    await keyboard.type('Ten doors were tried.\n\n**None** was open, the address is blocked.');
    const save = page.getByRole('button', { name: 'Save' });
    await answered(page, 'PATCH', /\/incidents\/[^/]+$/, () => save.click());
    await expect(page.locator('strong', { hasText: 'None' })).toBeVisible();
  });

  await test.step('a critical one needs a second person', async () => {
    await page.getByRole('button', { name: /^Close…/ }).click();
    await expect(closing.getByText(/a second person has to agree/)).toBeVisible();
    await picture(page, 'a second person');
    await closing.getByRole('button', { name: 'Ask for a review…' }).click();
    const asking = page.getByRole('dialog', { name: /^Ask for a review of #/ });
    await asking.getByLabel('Reason').selectOption('attack');
    await asking.getByLabel('Comment').fill('All three hosts were looked at.');
    await answered(page, 'POST', /\/review$/, () => asking.getByRole('button', { name: 'Ask for a review' }).click());
    await expect(page.getByText(/asks to close it as true positive \(Attack\)/)).toBeVisible();
    await picture(page, 'a review waits');
  });
}

/** The second person agrees; who asked sees it happen. */
export async function agree(admin: Page, analyst: Page, picture: Picture) {
  await test.step('somebody else agrees, which closes it', async () => {
    await admin.getByRole('button', { name: 'Decide…' }).click();
    const dialog = admin.getByRole('dialog', { name: /^Decide on closing #/ });
    await expect(dialog.getByText('All three hosts were looked at.')).toBeVisible();
    await picture(admin, 'the admin decides');
    const agreed = dialog.getByRole('button', { name: 'Agree and close' });
    await answered(admin, 'POST', /\/review\/decide$/, () => agreed.click());
    for (const page of [admin, analyst]) {
      await expect(page.getByRole('button', { name: 'Reopen…' })).toBeVisible();
      await expect(page.getByRole('definition').filter({ hasText: 'True positive' })).toBeVisible();
    }
    await analyst.getByRole('tab', { name: /Alerts/ }).click();
    const alerts = analyst.getByRole('table', { name: 'Alerts of the incident' });
    await expect(alerts.getByText('Closed', { exact: true })).toHaveCount(3);
    await picture(analyst, 'it is closed');
  });
}

/** What others are given to read. */
export async function report(page: Page, { address }: Attack, title: string, picture: Picture) {
  await test.step('its report tells all of it, and links nowhere', async () => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Read the report…' }).click();
    const paper = page.getByRole('region', { name: 'The report' });
    await expect(paper).toContainText(title.replace(address, address.replaceAll('.', '[.]')));
    for (const said of [
      'Ten doors were tried.',
      'They tried ten doors',
      'Block the address',
      'hxxps://knock[.]example',
    ])
      await expect(paper).toContainText(said);
    await expect(paper.getByRole('link')).toHaveCount(0);
    await picture(page, 'its report');
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  });
}
