import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { Handover } from './queries';

const ME = sessionOf().user.id;
const none = { items: [], more: 0 };
const draft: Handover = {
  id: '01a21df9-36c0-7cf5-b510-a0481541dd30',
  organization_id: ORGANIZATION,
  shift: 'Night',
  status: 'draft',
  outgoing_id: ME,
  signed_at: null,
  incoming_id: null,
  accepted_at: null,
  revision: 1,
  created_at: '2026-11-27T16:00:00Z',
  updated_at: '2026-11-27T16:00:00Z',
  notes: 'Proxy is slow.',
  items: [],
  snapshot: {
    since: '2026-11-26T16:00:00Z',
    at: '2026-11-27T16:00:00Z',
    new: none,
    over_age: none,
    waiting: none,
    silent_sensors: none,
    ending_suppressions: none,
  },
};
const one = url('/api/v1/handovers/:id');
const server = setupServer(
  ...common,
  http.get(url('/api/v1/incidents'), () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get(url('/api/v1/users/:id'), () => HttpResponse.json({ id: ME, email: 'a@example.org', name: 'Ada' })),
  http.get(url('/api/v1/organizations/*/incident-policy'), () => HttpResponse.json({ calendar: null })),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const session = sessionOf('alerts:read', 'incidents:read', 'incidents:write');

test('what was typed stays when somebody else was faster, and is saved on top of theirs', async () => {
  let kept = draft;
  const sent: unknown[] = [];
  server.use(
    http.get(one, () => HttpResponse.json(kept)),
    http.patch(one, async ({ request }) => {
      if (request.headers.get('If-Match') !== `"${kept.revision}"`)
        return HttpResponse.json({ code: 'stale', detail: 'It was changed.' }, { status: 412 });
      sent.push(await request.json());
      kept = { ...kept, ...(sent.at(-1) as Partial<Handover>), revision: kept.revision + 1 };
      return HttpResponse.json(kept);
    }),
  );
  await renderApp(`/handovers/${draft.id}`, session);
  const notes = await screen.findByLabelText('What the next shift should know', {}, { timeout: 15_000 });
  kept = { ...draft, shift: 'Late', revision: 2 };
  await userEvent.type(notes, ' VPN too.');
  await userEvent.click(screen.getByText('Save handover'));
  expect(await screen.findByText(/Somebody changed it while you did/)).toBeInTheDocument();
  expect(screen.getByLabelText('Name')).toHaveValue('Late');
  expect(notes).toHaveValue('Proxy is slow. VPN too.');
  await userEvent.click(screen.getByText('Save handover'));
  expect(await screen.findAllByText('Handover saved')).not.toHaveLength(0);
  expect(sent).toEqual([{ shift: 'Late', notes: 'Proxy is slow. VPN too.', incoming_id: null }]);
}, 40_000);

test('it is not signed before somebody is named', async () => {
  server.use(http.get(one, () => HttpResponse.json(draft)));
  await renderApp(`/handovers/${draft.id}`, session);
  expect(await screen.findByText(/Say who takes over/, {}, { timeout: 15_000 })).toBeInTheDocument();
  expect(screen.getByText('Sign…')).toBeDisabled();
}, 20_000);
