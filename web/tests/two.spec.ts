import { expect, type Locator, type Page } from '@playwright/test';
import { answered } from './support/answered';
import { attack } from './support/attack';
import { ask } from './support/demo';
import { isAt, isNow, row, titles } from './support/queue';
import { type Incident, now, together } from './support/two';

// Two browsers share the machine.
together.describe.configure({ timeout: 180_000 });

/** Both look at the same. */
async function both(people: readonly Page[], path: string, shown: (page: Page) => Promise<void>): Promise<void> {
  for (const page of people) {
    await page.goto(path);
    await shown(page);
    await expect(page.getByText(/^Live/)).toBeVisible();
  }
}

const opened = (people: readonly Page[], { id, title }: Incident, tab = 'overview'): Promise<void> =>
  both(people, `/incidents/${id}?tab=${tab}`, (page) => isCalled(page, title));

const isCalled = (page: Page, title: string): Promise<void> =>
  expect(page.getByRole('heading', { level: 1 })).toContainText(title);

together(
  'an alert that one works on changes in the queue of the other, and no row moves',
  async ({ admin, analyst }) => {
    const knocks = attack(4);
    await knocks.send();
    const found = `/alerts?limit=10&query=${encodeURIComponent(knocks.query)}`;
    type Alerts = { items: { title: string; status: string; verdict: string | null }[] };
    await expect.poll(async () => (await ask<Alerts>('GET', found)).items.length, { timeout: 60_000 }).toBe(4);
    const [title = ''] = knocks.titles;
    await both([admin, analyst], `/alerts?query=${encodeURIComponent(knocks.query)}`, (page) =>
      isNow(page, title, 'New'),
    );
    const order = await titles(analyst);
    expect(await titles(admin)).toEqual(order);
    const [first = '', second = '', third = ''] = order;

    await analyst.keyboard.press('j');
    await answered(analyst, 'POST', /\/acknowledge$/, () => analyst.keyboard.press('e'));
    await isNow(admin, second, 'Acknowledged');
    await expect(row(admin, second).getByRole('img', { name: 'Ari Analyst' })).toBeVisible();
    await isNow(admin, first, 'New');
    await isAt(admin, first);
    expect(await titles(admin)).toEqual(order);

    await isAt(analyst, third);
    await admin.keyboard.press('j');
    await admin.keyboard.press('c');
    await admin.getByRole('dialog', { name: 'Close' }).getByLabel('Verdict').selectOption('true_positive');
    const close = admin.getByRole('dialog', { name: 'Close' }).getByRole('button', { name: 'Close', exact: true });
    await answered(admin, 'POST', /\/close$/, () => close.click());
    await isNow(analyst, second, 'Closed');
    await isAt(analyst, third);
    expect(await titles(analyst)).toEqual(order);

    const { items } = await ask<Alerts>('GET', found);
    expect(items.find((one) => one.title === second)).toMatchObject({ status: 'closed', verdict: 'true_positive' });
    expect(items.filter((one) => one.status === 'new')).toHaveLength(3);
  },
);

together('what one does with an incident, the other sees', async ({ admin, analyst, incident }) => {
  await opened([admin, analyst], incident);

  await answered(analyst, 'POST', /\/assign$/, () => analyst.keyboard.press('m'));
  await expect(admin.getByRole('definition').filter({ hasText: 'Ari Analyst' })).toBeVisible();

  await analyst.keyboard.press('s');
  const move = analyst.getByRole('menuitem', { name: 'Investigate' });
  await answered(analyst, 'POST', /\/transition$/, () => move.click());
  await expect(admin.getByRole('definition').filter({ hasText: 'Investigating' })).toBeVisible();

  const title = `${incident.title}, renamed`;
  await rename(admin, title);
  await answered(admin, 'PATCH', /\/incidents\//, () => admin.getByRole('button', { name: 'Save' }).click());
  await isCalled(analyst, title);

  await admin.getByRole('tab', { name: /Notes/ }).click();
  await analyst.keyboard.press('n');
  await analyst.getByRole('textbox', { name: 'New note' }).fill('It was **me**.');
  await answered(analyst, 'POST', /\/notes$/, () => analyst.getByRole('button', { name: 'Add note' }).click());
  const note = admin.getByRole('listitem').filter({ hasText: 'Ari Analyst' });
  await expect(note.locator('strong', { hasText: 'me' })).toBeVisible();

  await analyst.getByRole('tab', { name: /Tasks/ }).click();
  await admin.getByRole('button', { name: /^Task/ }).click();
  await admin.getByRole('textbox', { name: 'New task' }).fill('Ask them');
  await answered(admin, 'POST', /\/tasks$/, () => admin.getByRole('button', { name: 'Add task' }).click());
  const done = analyst.getByRole('checkbox', { name: 'Done: Ask them' });
  await answered(analyst, 'PATCH', /\/tasks\//, () => done.click());
  await expect(admin.getByRole('checkbox', { name: 'Open again: Ask them' })).toBeChecked();

  expect(await now(incident)).toMatchObject({ title, status: 'investigating', counts: { notes: 1, open_tasks: 0 } });
});

/** The title in its field, with other words in it. */
async function rename(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Edit the title' }).click();
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill(title);
}

together(
  'a title that both change is shown in both versions, and neither is lost',
  async ({ admin, analyst, incident }) => {
    const [theirs, mine] = [`${incident.title}, says the admin`, `${incident.title}, says the analyst`];
    await opened([admin, analyst], incident);
    await rename(admin, theirs);
    await rename(analyst, mine);
    await answered(admin, 'PATCH', /\/incidents\//, () => admin.getByRole('button', { name: 'Save' }).click());
    await isCalled(admin, theirs);
    await analyst.getByRole('button', { name: 'Save' }).click();

    const dialog = analyst.getByRole('dialog', { name: 'Somebody else changed the title meanwhile' });
    await sides(dialog, theirs, mine);
    expect((await now(incident)).title).toBe(theirs);
    const together = `${incident.title}, say both`;
    await dialog.getByLabel('Both together').fill(together);
    const save = dialog.getByRole('button', { name: 'Save both together' });
    await answered(analyst, 'PATCH', /\/incidents\//, () => save.click());
    await isCalled(analyst, together);
    await isCalled(admin, together);
    expect((await now(incident)).title).toBe(together);
  },
);

together(
  'a summary that both change is merged, and what was given up can be had back',
  async ({ admin, analyst, incident }) => {
    const [first, second] = incident.summary.split('\n');
    const theirs = `${first}\nThe admin found nothing.`;
    const mine = `An analyst began it.\n${second}`;
    await opened([admin, analyst], incident);
    for (const [page, text] of [
      [admin, theirs],
      [analyst, mine],
    ] as const) {
      await page.getByRole('region', { name: 'Summary' }).getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('textbox', { name: 'Summary' }).fill(text);
    }
    await answered(admin, 'PATCH', /\/incidents\//, () => admin.getByRole('button', { name: 'Save' }).click());
    await analyst.getByRole('button', { name: 'Save' }).click();
    const dialog = analyst.getByRole('dialog', { name: 'Somebody else changed the summary meanwhile' });
    await sides(dialog, theirs, mine);

    // Theirs is let stand, and the own one is had back.
    await dialog.getByRole('button', { name: 'Keep theirs' }).click();
    await expect(analyst.getByText('The admin found nothing.')).toBeVisible();
    await analyst.getByRole('button', { name: 'Undo' }).click();
    await expect(analyst.getByRole('textbox', { name: 'Summary' })).toHaveValue(mine);
    expect((await now(incident)).summary).toBe(theirs);

    // The admin goes on meanwhile, so both stand against each other once more.
    await admin.getByRole('region', { name: 'Summary' }).getByRole('button', { name: 'Edit' }).click();
    const more = `${theirs}\nThe admin looked again.`;
    await admin.getByRole('textbox', { name: 'Summary' }).fill(more);
    await answered(admin, 'PATCH', /\/incidents\//, () => admin.getByRole('button', { name: 'Save' }).click());
    await analyst.getByRole('button', { name: 'Save' }).click();
    await sides(dialog, more, mine);
    const save = dialog.getByRole('button', { name: 'Save both together' });
    await answered(analyst, 'PATCH', /\/incidents\//, () => save.click());
    const saved = (await now(incident)).summary;
    for (const said of ['The admin found nothing.', 'The admin looked again.', 'An analyst began it.']) {
      expect(saved).toContain(said);
      await expect(admin.getByText(said)).toBeVisible();
    }
  },
);

/** Both versions stand side by side, and nothing is decided yet. */
async function sides(dialog: Locator, theirs: string, mine: string): Promise<void> {
  for (const [name, text] of [
    ['Theirs, as it is now', theirs],
    ['Yours, not saved yet', mine],
  ] as const)
    for (const line of text.split('\n')) await expect(dialog.getByRole('region', { name })).toContainText(line);
}
