import { expect, type Locator, type Page } from '@playwright/test';
import { answered } from './support/answered';
import { alertsOf, attack, sent } from './support/attack';
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
    await sent(knocks);
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

    const items = await alertsOf(knocks);
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

together('a task and an observable hold what both wrote of them', async ({ admin, analyst, incident }) => {
  const [theirs, mine] = ['Two of them were seen.', 'They came from next door.'];
  await ask('POST', `/incidents/${incident.id}/tasks`, { title: 'Ask them' });
  await ask('POST', `/incidents/${incident.id}/observables`, {
    observables: [{ type: 'domain', value: 'knock.example' }],
  });
  const { items: tasks } = await ask<List<{ id: string }>>('GET', `/incidents/${incident.id}/tasks`);

  await opened([admin, analyst], incident, 'tasks');
  for (const page of [admin, analyst]) await page.getByRole('button', { name: 'Ask them', exact: true }).click();
  const [their, own] = [admin, analyst].map((page) => page.getByRole('dialog', { name: 'Task' })) as [Locator, Locator];
  await their.getByLabel('Description').fill(theirs);
  await own.getByLabel('Description').fill(mine);
  await answered(admin, 'PATCH', /\/tasks\//, () => their.getByRole('button', { name: 'Save' }).click());
  await expect(own.getByText(`Somebody changed it meanwhile: Description: ${theirs}`)).toBeVisible();
  await expect(own.getByLabel('Description')).toHaveValue(mine);
  await own.getByLabel('Description').fill(`${theirs} ${mine}`);
  await answered(analyst, 'PATCH', /\/tasks\//, () => own.getByRole('button', { name: 'Save' }).click());
  const task = await ask('GET', `/incidents/${incident.id}/tasks/${tasks[0]?.id}`);
  expect(task).toMatchObject({ description: `${theirs} ${mine}` });

  for (const page of [admin, analyst]) {
    await page.getByRole('tab', { name: /Observables/ }).click();
    await page.getByRole('button', { name: 'More on knock.example' }).click();
    await page.getByRole('menuitem', { name: 'Edit TLP, tags, note…' }).click();
  }
  await admin.getByRole('dialog').getByLabel('Tags').fill('door');
  await analyst.getByRole('dialog').getByLabel('Note').fill(mine);
  await answered(admin, 'PATCH', /\/observables\//, () => admin.getByRole('button', { name: 'Save' }).click());
  await expect(analyst.getByText('Somebody changed it meanwhile: Tags: door')).toBeVisible();
  await answered(analyst, 'PATCH', /\/observables\//, () => analyst.getByRole('button', { name: 'Save' }).click());
  const { items: seen } = await ask<List<object>>('GET', `/incidents/${incident.id}/observables`);
  expect(seen).toMatchObject([{ value: 'knock.example', tags: ['door'], note: mine }]);
});

interface List<T> {
  items: T[];
}

/** Both versions stand side by side, and nothing is decided yet. */
async function sides(dialog: Locator, theirs: string, mine: string): Promise<void> {
  for (const [name, text] of [
    ['Theirs, as it is now', theirs],
    ['Yours, not saved yet', mine],
  ] as const)
    for (const line of text.split('\n')) await expect(dialog.getByRole('region', { name })).toContainText(line);
}
