import { expect, type Locator, type Page, type Response } from '@playwright/test';

/** The UI itself waits no longer. */
const REPLY_MS = 30_000;

/** Does something, and waits until the product has said that it is done. */
export async function answered(
  page: Page,
  method: 'POST' | 'PUT' | 'PATCH',
  path: RegExp,
  act: () => Promise<void>,
): Promise<Response> {
  const [reply] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === method && path.test(new URL(one.url()).pathname), {
      timeout: REPLY_MS,
    }),
    act(),
  ]);
  expect(reply.ok(), `${method} ${reply.url()}: ${reply.status()}`).toBe(true);
  return reply;
}

/** What the product says of what was done, where it says such things; what is urgent is read out from elsewhere. */
export const said = (page: Page, words: string | RegExp): Locator =>
  page.getByRole('region', { name: 'Notifications' }).getByText(words, { exact: true });
