import { expect, type Page } from '@playwright/test';
import { PATHS } from '../../src/app/paths';
import { ask } from './demo';

export interface Screen {
  name: string;
  path: string;
}

/** Every place that can be opened without knowing what is in it. */
export const OPENED: readonly Screen[] = Object.entries(PATHS)
  .filter(([name, path]) => !path.includes('$') && !['login', 'invitation'].includes(name))
  .map(([name, path]) => ({ name, path }));

/** For each path that names something: where the API lists it. What a demo has none of cannot be opened. */
const LISTED: Readonly<Record<string, string>> = {
  alert: '/alerts?limit=1&sort=-severity',
  incident: '/incidents?limit=1&updated_since=2000-01-01T00:00:00Z',
  sensor: '/sensors?limit=1',
  suppression: '/suppressions?limit=1',
  handover: '/handovers?limit=1',
};

/** The same and every place that names something the product has; a receipt is named by an event's id. */
export async function screens(): Promise<Screen[]> {
  const found = [...OPENED];
  for (const [name, path] of Object.entries(PATHS)) {
    const parameter = path.match(/\$\w+/)?.[0];
    if (!parameter) continue;
    const list = LISTED[name] ?? '/events?limit=1';
    const { items } = await ask<{ items: { id: string }[] }>('GET', list);
    if (items[0]) found.push({ name, path: path.replace(parameter, items[0].id) });
  }
  return found;
}

/** Go there, and wait until what it shows has come. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

/** Nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  // The gallery shows what loading looks like, for good.
  if (new URL(page.url()).pathname === PATHS.design) return;
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
}
