import { type Browser, type Page, test } from '@playwright/test';
import { ask, signIn, type Who } from './demo';

/** As the API has it. */
export interface Incident {
  id: string;
  number: number;
  title: string;
  summary: string;
  status: string;
  assignee_id: string | null;
}

interface Two {
  /** Two people, each at a browser of their own. */
  admin: Page;
  analyst: Page;
  /** What both work on; it is closed afterwards. */
  incident: Incident;
}

/** Tests of two people at once. */
export const together = test.extend<Two>({
  admin: ({ browser }, use) => person(browser, 'admin', use),
  analyst: ({ browser }, use) => person(browser, 'analyst', use),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is needed
  incident: async ({}, use) => {
    const summary = 'Two people work on it.\nNothing is known yet.';
    const opening = { title: `For two ${Date.now()}`, severity: 3, summary };
    const incident = await now(await ask<Incident>('POST', '/incidents', opening));
    await use(incident);
    const closing = { verdict: 'undetermined', reason: 'not_worth_it' };
    await ask('POST', `/incidents/${incident.id}/close`, closing);
  },
});

async function person(browser: Browser, who: Who, use: (page: Page) => Promise<void>) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, who);
  await use(page);
  await context.close();
}

/** The incident as the API has it now. */
export const now = ({ id }: Incident): Promise<Incident> => ask('GET', `/incidents/${id}`);
