import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const PHISHING = {
  id: '01a21dbb-45b8-745e-987a-ba9cc9a271a8',
  organization_id: ORGANIZATION,
  name: 'Phishing',
  description: 'A mail that wants to be believed.',
  title: '',
  summary: '',
  severity: 4,
  tlp: null,
  pap: null,
  tags: [],
  tasks: [
    { phase: 'Analyse', title: 'Find who got it', required: true, description: '' },
    { phase: 'Contain', title: 'End sessions', required: false, description: '' },
  ],
  fields: [],
  retired_at: null,
  revision: 3,
  created_at: '2026-11-27T15:59:02Z',
  updated_at: '2026-11-27T15:59:02Z',
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const one = `/api/v1/incident-templates/${PHISHING.id}`;
const there = [
  http.get(url('/api/v1/incident-templates'), () =>
    HttpResponse.json({ items: [PHISHING], next_cursor: null, total: null }),
  ),
  http.get(url(one), () => HttpResponse.json(PHISHING)),
  ...common,
];

test('tasks are put in order by keys, and what is missing is told where it is', async () => {
  const seen: { match: string | null; titles: string[] }[] = [];
  server.use(
    http.put(url(one), async ({ request }) => {
      const body = (await request.json()) as typeof PHISHING;
      seen.push({ match: request.headers.get('If-Match'), titles: body.tasks.map((task) => task.title) });
      return HttpResponse.json({ ...PHISHING, ...body, revision: 4 });
    }),
    ...there,
  );
  await renderApp('/admin/templates', sessionOf('incidents:configure'));
  await userEvent.click(await screen.findByRole('button', { name: 'Phishing' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Move task 2 up' }));
  await userEvent.click(screen.getByRole('button', { name: 'Add task' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save template' }));
  const [, , third] = screen.getAllByRole('textbox', { name: 'Task' });
  expect(third).toHaveAccessibleDescription('What is to be done?');
  expect(seen).toEqual([]);
  if (third) await userEvent.type(third, 'Tell');
  await userEvent.click(screen.getByRole('button', { name: 'Save template' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(seen).toEqual([{ match: '"3"', titles: ['End sessions', 'Find who got it', 'Tell'] }]);
});

test('what is not saved is asked about before it is left', async () => {
  server.use(...there);
  const { router } = await renderApp(`/admin/templates?open=${PHISHING.id}`, sessionOf('incidents:configure'));
  await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), '!');
  await userEvent.keyboard('{Escape}');
  const asked = await screen.findByRole('dialog', { name: 'Discard what you changed of Phishing' });
  await userEvent.click(within(asked).getByRole('button', { name: 'Cancel' }));
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Phishing!');
  await userEvent.keyboard('{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Discard' }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});
