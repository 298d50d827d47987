import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Session } from '@/api/session';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import { ID, INCIDENT, TASK } from './fixtures';
import type { Incident } from './queries';

const REASONS = [{ verdict: 'true_positive', name: 'attack', retired_at: null }];

// A whole page in jsdom, typed into key by key.
vi.setConfig({ testTimeout: 20_000 });

let incident = INCIDENT;
const base = `/api/v1/incidents/${ID}`;
const none = () => HttpResponse.json({ items: [], next_cursor: null });
const server = setupServer(
  ...common,
  http.get(url(base), () => HttpResponse.json(incident)),
  http.get(url(`${base}/similar`), () => HttpResponse.json([])),
  http.get(url(`${base}/tasks`), () => HttpResponse.json({ items: [TASK], next_cursor: null })),
  http.get(url(`${base}/:list`), none),
  http.get(url(`/api/v1/organizations/${ORGANIZATION}/close-reasons`), () => HttpResponse.json(REASONS)),
  // What stands around the page.
  http.get(url('/api/v1/*'), none),
);
beforeAll(() => server.listen());
afterEach(() => {
  server.resetHandlers();
  incident = INCIDENT;
});
afterAll(() => server.close());

const WORKER = sessionOf('incidents:read', 'incidents:write', 'users:read');

async function shown(search = '', session: Session = WORKER) {
  const user = userEvent.setup();
  const view = await renderApp(`/incidents/${ID}${search}`, session);
  await screen.findByRole('heading', { level: 1, name: /Credential stuffing/ }, { timeout: 15_000 });
  return { user, ...view };
}
const stale = (current: Incident) =>
  HttpResponse.json({ code: 'stale', detail: 'Somebody changed it meanwhile.', current }, { status: 412 });

test('what is known of it is there, and a clock that stands still says so', async () => {
  await shown();
  expect(screen.getByText('TLP:AMBER')).toBeVisible();
  expect(screen.getByText('T1110.004')).toBeVisible();
  expect(screen.getByText('paused, 7h left')).toBeVisible();
  expect(await screen.findByText(/Passwords are tried/)).toBeVisible();
});

test('who may only read it is offered nothing that writes', async () => {
  await shown('', sessionOf('incidents:read'));
  expect(screen.queryByRole('button', { name: /Close|Assign|Edit/ })).toBeNull();
  expect(screen.getByRole('button', { name: 'More actions' })).toBeVisible();
});

test('M takes it, with the revision that was seen, and a 412 says what somebody else made of it', async () => {
  const seen: (string | null)[] = [];
  server.use(
    http.post(url(`${base}/assign`), ({ request }) => {
      seen.push(request.headers.get('If-Match'));
      return stale({ ...INCIDENT, status: 'contained', revision: 4 });
    }),
  );
  const { user } = await shown();
  await user.keyboard('m');
  expect(await screen.findAllByText('Somebody changed it first')).not.toHaveLength(0);
  expect(screen.getAllByText(/The status is Contained/)).not.toHaveLength(0);
  expect(seen).toEqual(['"3"']);
});

test('a summary that two people changed is shown side by side, and both are saved together', async () => {
  const saved: [string | null, unknown][] = [];
  server.use(
    http.patch(url(base), async ({ request }) => {
      const match = request.headers.get('If-Match');
      const body = (await request.json()) as { summary: string };
      saved.push([match, body.summary]);
      if (match !== '"3"') return HttpResponse.json({ ...incident, ...body, revision: 5 });
      incident = { ...INCIDENT, summary: 'Passwords are tried.\nOne got in.', revision: 4 };
      return stale(incident);
    }),
  );
  const { user } = await shown();
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const field = await screen.findByRole('textbox', { name: 'Summary' });
  await user.clear(field);
  await user.paste('Ten thousand passwords are tried.\nNobody got in.');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  const dialog = await screen.findByRole('dialog', { name: /changed the summary meanwhile/ });
  expect(within(dialog).getByText('One got in.')).toBeVisible();
  // Who writes on has not merged it yet, and is asked again.
  await user.click(within(dialog).getByRole('button', { name: 'Go on writing yours' }));
  await user.click(await screen.findByRole('button', { name: 'Save' }));
  const again = await screen.findByRole('dialog', { name: /changed the summary meanwhile/ });
  expect(saved.map(([match]) => match)).toEqual(['"3"', '"3"']);
  await user.click(within(again).getByRole('button', { name: 'Save both together' }));
  const together = 'Ten thousand passwords are tried.\nOne got in.';
  await waitFor(() => expect(saved.at(-1)).toEqual(['"4"', together]));
});

test('a time that somebody else sets while the times are open is shown, and not put back', async () => {
  const sent: [string | null, unknown][] = [];
  server.use(
    http.patch(url(base), async ({ request }) => {
      sent.push([request.headers.get('If-Match'), await request.json()]);
      return HttpResponse.json(incident);
    }),
  );
  const { user, client } = await shown();
  await user.click(screen.getByRole('button', { name: 'Edit times' }));
  const field = await screen.findByLabelText(/^Recovered/);
  fireEvent.change(field, { target: { value: '2026-11-24T12:00' } });
  incident = { ...INCIDENT, eradicated_at: '2026-11-24T11:00:00Z', revision: 4 };
  await client.invalidateQueries({ queryKey: ['incidents'] });
  expect(await screen.findByText(/changed it meanwhile: Eradicated: 2026-11-24 11:00/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toEqual([['"4"', { recovered_at: '2026-11-24T12:00:00.000Z' }]]));
});

test('closing says what is missing, as the server lists it, and leads there', async () => {
  const task = { kind: 'task', name: TASK.title, id: TASK.id };
  server.use(
    http.post(url(`${base}/close`), () =>
      HttpResponse.json({ code: 'closing_incomplete', detail: 'Incomplete.', missing: [task] }, { status: 409 }),
    ),
  );
  const { user, router } = await shown();
  await user.keyboard('c');
  await user.click(await screen.findByRole('button', { name: 'Close with 1 open alert' }));
  expect(await screen.findByText('The required task “Disable the account”')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Go to tasks' }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ tab: 'tasks' }));
  expect(await screen.findByRole('checkbox', { name: 'Done: Disable the account' })).toBeVisible();
});

test('a note that is not added yet is there again after another tab was read', async () => {
  const { user } = await shown('?tab=notes');
  await user.type(await screen.findByRole('textbox', { name: 'New note' }), 'Half a thought');
  await user.click(screen.getByRole('tab', { name: /Tasks/ }));
  await user.click(screen.getByRole('tab', { name: /Notes/ }));
  expect(await screen.findByRole('textbox', { name: 'New note' })).toHaveValue('Half a thought');
});

test('one that is hidden or not there says so, and the glass is offered to who may break it', async () => {
  server.use(
    http.get(url(base), () => HttpResponse.json({ code: 'incident_not_found', detail: 'None.' }, { status: 404 })),
  );
  const view = await renderApp(`/incidents/${ID}`, sessionOf('incidents:read', 'incidents:break_glass'));
  expect(await screen.findByText('There is no such incident for you')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Break the glass' })).toBeVisible();
  view.unmount();
  await renderApp(`/incidents/${ID}`, WORKER);
  expect(await screen.findByText('There is no such incident for you')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Break the glass' })).toBeNull();
});
