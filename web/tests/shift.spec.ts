import { type Browser, type Page, test } from '@playwright/test';
import { album } from './support/album';
import { attack } from './support/attack';
import { signIn } from './support/demo';
import { agree, askToClose, report, work } from './support/incident';
import { connect } from './support/sensor';
import { arrives, open, triage } from './support/triage';

test('a shift: ten alerts, an incident from its first alert to its report, a sensor', async ({ page, browser }) => {
  test.setTimeout(420_000);
  const picture = album();
  const knocks = attack(10);
  const title = `Somebody knocks from ${knocks.address}`;

  await signIn(page, 'analyst');
  await picture(page, 'the queue');
  await arrives(page, knocks, picture);
  await triage(page, picture);
  await open(page, title, picture);
  await work(page, knocks, picture);
  await askToClose(page, picture);

  const admin = await other(browser, page.url());
  await agree(admin, page, picture);
  await report(page, knocks, title, picture);
  await connect(admin, `Knocks ${knocks.address}`, picture);
  await admin.context().close();
});

/** The admin, at a browser of their own, who looks at the same. */
async function other(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, 'admin', new URL(url).pathname);
  return page;
}
