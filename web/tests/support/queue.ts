import { expect, type Locator, type Page } from '@playwright/test';
import { settled } from './screens';

/** The queue's rows, in their order, without the head. */
const rows = (page: Page): Locator =>
  page
    .getByRole('grid', { name: 'Alerts' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });

/** The row of an alert. */
export const row = (page: Page, title: string): Locator =>
  rows(page).filter({ has: page.getByRole('checkbox', { name: `Select ${title}`, exact: true }) });

/** A row's alert has come to this status, and is seen to have. */
export const isNow = (page: Page, title: string, status: string): Promise<void> =>
  expect(row(page, title).getByRole('gridcell', { name: status, exact: true })).toBeVisible();

/** What the rows are called, from the first to the last. */
export const titles = (page: Page): Promise<string[]> =>
  rows(page)
    .getByRole('checkbox')
    .evaluateAll((boxes) => boxes.map((box) => (box.getAttribute('aria-label') ?? '').replace(/^Select /, '')));

/** Keys act on this row now. */
export const isAt = (page: Page, title: string): Promise<void> =>
  expect(row(page, title)).toHaveAttribute('data-focus');

/** So many are chosen, and the bar says it. */
export const chooses = (page: Page, said: string): Promise<void> =>
  expect(page.getByRole('region', { name: 'Selected alerts' }).getByRole('status')).toHaveText(said);

/** Ask for what a query finds, as a person does, who sees that there is a page before keys are pressed. */
export async function search(page: Page, query: string): Promise<void> {
  const line = page.getByRole('combobox', { name: 'Query' });
  await settled(page);
  await page.keyboard.press('/');
  await expect(line).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(query);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL((url) => url.searchParams.get('query')?.includes(query) ?? false);
  // Keys are the page's again.
  await expect(line).not.toBeFocused();
}
