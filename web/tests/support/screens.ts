import { expect, type Page } from '@playwright/test';
import { PATHS } from '../../src/app/paths';

export interface Screen {
  name: string;
  path: string;
}

/** Every place that can be opened without knowing what is in it. */
export const OPENED: readonly Screen[] = Object.entries(PATHS)
  .filter(([name, path]) => !path.includes('$') && !['login', 'invitation'].includes(name))
  .map(([name, path]) => ({ name, path }));

/** Go there, and wait until what it shows has come. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
}
