import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { Incident } from './queries';
import { incident } from './testing';

// Where much else goes on, the page is there later.
vi.setConfig({ testTimeout: 40_000 });
configure({ asyncUtilTimeout: 15_000 });

const rows = [
  incident({ id: 'a1', number: 7, title: 'Ransomware on a file server', severity: 5, status: 'open' }),
  incident({
    id: 'b2',
    number: 8,
    title: 'Impossible travel',
    status: 'contained',
    contained_at: '2026-11-27T16:00:00Z',
  }),
];

const listed = (all: readonly Incident[]) =>
  http.get(url('/api/v1/incidents'), ({ request }) => {
    const status = new URL(request.url).searchParams.getAll('status');
    const items = all.filter((row) => status.includes(row.status));
    return HttpResponse.json({ items, next_cursor: null, total: items.length, degraded: null });
  });

const asked: { path: string; match: string | null; body: unknown }[] = [];
const hear = async (request: Request) => {
  const body = await request.json();
  asked.push({ path: new URL(request.url).pathname, match: request.headers.get('If-Match'), body });
  return body as { to: Incident['status'] };
};

const analyst = sessionOf('incidents:read', 'incidents:write');

const server = setupServer(
  ...common,
  http.get(url('/api/v1/auth/session'), () => HttpResponse.json(analyst)),
  listed(rows),
  http.get(url('/api/v1/incidents/facets'), () => HttpResponse.json({ facets: {}, total: 2, degraded: null })),
  http.get(url('/api/v1/views'), () => HttpResponse.json({ items: [], next_cursor: null })),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  asked.length = 0;
});
afterAll(() => server.close());

const column = (name: string) => screen.findByRole('region', { name: new RegExp(`^${name}: `) });

test('on the board a key moves a card to the next column that it may go to, with the revision that was seen', async () => {
  server.use(
    http.post(url('/api/v1/incidents/:id/transition'), async ({ request }) => {
      const { to } = await hear(request);
      return HttpResponse.json({ ...rows[0], status: to, revision: 5 });
    }),
  );
  await renderApp('/incidents?layout=board', analyst);
  const card = await screen.findByRole('article', { name: /Ransomware/ });
  expect(within(await column('Open')).getByText('Ransomware on a file server')).toBeInTheDocument();
  card.focus();
  await userEvent.keyboard('l');
  expect(within(await column('Investigating')).getByText('Ransomware on a file server')).toBeInTheDocument();
  expect(await screen.findByText('#7 to Investigating')).toBeInTheDocument();
  await waitFor(() =>
    expect(asked).toEqual([
      { path: '/api/v1/incidents/a1/transition', match: '"4"', body: { to: 'investigating', reason: null } },
    ]),
  );
});

test('a card that somebody else moved first goes where it is now, and says why', async () => {
  server.use(
    http.post(url('/api/v1/incidents/:id/transition'), () =>
      HttpResponse.json(
        {
          status: 412,
          code: 'stale',
          detail: 'It was changed.',
          current: { ...rows[0], status: 'resolved', revision: 6 },
        },
        { status: 412 },
      ),
    ),
  );
  await renderApp('/incidents?layout=board', analyst);
  (await screen.findByRole('article', { name: /Ransomware/ })).focus();
  await userEvent.keyboard(']');
  await waitFor(async () =>
    expect(within(await column('Resolved')).getByText('Ransomware on a file server')).toBeInTheDocument(),
  );
  expect(screen.getAllByText(/Somebody changed it first: #7/).length).toBeGreaterThan(0);
});

test('each row and card tells of its clock, and none is asked for by itself', async () => {
  const due = new Date(Date.now() + 2 * 3_600_000 + 60_000).toISOString();
  const clock = {
    clock: 'contain',
    due_at: due,
    warn_at: due,
    met_at: null,
    breached_at: null,
    paused: false,
  } as const;
  const figures = { target_seconds: 28_800, elapsed_seconds: 23_400, remaining_seconds: 5_400 };
  server.use(listed(rows.map((row) => ({ ...row, clocks: [{ ...clock, ...figures, state: 'running' as const }] }))));
  const { unmount } = await renderApp('/incidents?layout=board', analyst);
  const card = await screen.findByRole('article', { name: /Ransomware/ });
  expect(within(card).getByTitle('Contain: 2h left')).toBeInTheDocument();
  unmount();
  await renderApp('/incidents', analyst);
  expect(await screen.findAllByTitle('Contain: 2h left')).toHaveLength(rows.length);
});

test('a move that needs a reason asks for it, and the menu offers what the state allows', async () => {
  await renderApp('/incidents?layout=board', analyst);
  await userEvent.click(await screen.findByRole('button', { name: 'Actions of #8' }));
  const offered = (await screen.findAllByRole('menuitem', { name: /^Move/ })).map((item) => item.textContent);
  expect(offered).toEqual(['Move to Investigating…', 'Move to On hold…', 'Move to Resolved']);
  await userEvent.click(screen.getByRole('menuitem', { name: 'Move to Investigating…' }));
  expect(await screen.findByRole('textbox', { name: 'Why' })).toBeRequired();
});

test('who may only read sees no way to change anything', async () => {
  const reader = sessionOf('incidents:read');
  server.use(http.get(url('/api/v1/auth/session'), () => HttpResponse.json(reader)));
  await renderApp('/incidents?layout=board', reader);
  await userEvent.click(await screen.findByRole('button', { name: 'Actions of #8' }));
  expect((await screen.findAllByRole('menuitem')).map((item) => item.textContent)).toEqual(['OpenO']);
  expect(screen.queryByRole('button', { name: /New incident/ })).not.toBeInTheDocument();
});

test('where nothing is unfinished it says so, and leads to what is over', async () => {
  server.use(listed([]));
  const { router } = await renderApp('/incidents', analyst);
  await userEvent.click(await screen.findByRole('button', { name: 'Show what is over too' }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ chosen: {}, view: 'everything' }));
});

test('a new one begins with its template, and opens its page', async () => {
  const template = {
    id: 't1',
    organization_id: ORGANIZATION,
    name: 'Phishing',
    title: 'Phishing mail',
    description: '',
    severity: 4,
    tlp: 'green',
    pap: null,
    summary: 'Who got it?',
    tags: ['phishing'],
    tasks: [{ title: 'Block the sender' }],
    fields: [],
  };
  server.use(
    listed([]),
    http.get(url('/api/v1/incident-templates'), () => HttpResponse.json({ items: [template], next_cursor: null })),
    http.post(url('/api/v1/incidents'), async ({ request }) => {
      await hear(request);
      return HttpResponse.json(incident({ id: 'n1', number: 9 }), { status: 201 });
    }),
  );
  const { router } = await renderApp('/incidents', analyst);
  await screen.findByRole('button', { name: 'Show what is over too' });
  await userEvent.keyboard('n');
  await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Template' }), 'Phishing');
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveValue('Phishing mail');
  await userEvent.type(screen.getByRole('textbox', { name: 'Title' }), ' to finance');
  await userEvent.click(screen.getByRole('button', { name: 'Open incident' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/incidents/n1'));
  expect(asked[0]?.body).toEqual({
    organization_id: ORGANIZATION,
    template_id: 't1',
    title: 'Phishing mail to finance',
    severity: 4,
    tlp: 'green',
    restricted: false,
    assignee_id: null,
    tags: ['phishing'],
  });
});
