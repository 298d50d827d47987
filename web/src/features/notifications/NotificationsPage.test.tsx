import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const CHAT = {
  id: '01a21df1-030d-7484-a2c5-aac3be9ddd49',
  organization_id: ORGANIZATION,
  kind: 'webhook',
  name: 'chat',
  to: null,
  format: 'slack',
  host: 'hooks.example.org',
  disabled_at: null,
  revision: 1,
  created_at: '2026-11-27T16:57:43Z',
  updated_at: '2026-11-27T16:57:43Z',
};
const ROUTE = {
  id: '01a21df1-077c-7006-8bce-b0e644f32392',
  organization_id: ORGANIZATION,
  channel_id: CHAT.id,
  user_id: null,
  kinds: ['alert.critical'],
  min_severity: 4,
  quiet_hours: null,
  coalesce_seconds: 60,
  disabled_at: null,
  revision: 2,
  created_at: '2026-11-27T16:57:45Z',
  updated_at: '2026-11-27T16:57:45Z',
};
const TOLD = {
  id: '01a21dbb-5065-7ec0-bb1e-aeebb2e68673',
  organization_id: ORGANIZATION,
  kind: 'channel.test',
  severity: 1,
  subject: 'A test of this channel',
  object_kind: null,
  object_id: null,
  query: null,
  channel_id: CHAT.id,
  user_id: null,
  status: 'pending',
  due_at: '2026-11-27T15:59:05Z',
  attempts: 0,
  last_error: null as string | null,
  sent_at: null,
  sent_with_id: null,
  created_at: '2026-11-27T15:59:04Z',
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const page = (path: string, ...items: object[]) =>
  http.get(url(path), () => HttpResponse.json({ items, next_cursor: null, total: null }));
const channels = page('/api/v1/notification-channels', CHAT);
const routes = page('/api/v1/notification-routes', ROUTE);

test('who looks after no channel has routes of one’s own, and is asked for nothing else', async () => {
  const sent: unknown[] = [];
  server.use(
    page('/api/v1/notification-routes'),
    http.post(url('/api/v1/notification-routes'), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...ROUTE, channel_id: null }, { status: 201 });
    }),
    ...common,
  );
  await renderApp('/notifications', sessionOf('alerts:read'));
  await screen.findByText('No route yet');
  expect(screen.queryByRole('tab', { name: 'Channels' })).toBeNull();
  const [create] = screen.getAllByRole('button', { name: 'Create route…' });
  if (create) await userEvent.click(create);
  const mentions = await screen.findByRole('checkbox', { name: /Mention/ });
  expect(screen.queryByLabelText('To')).toBeNull();
  await userEvent.click(mentions);
  await userEvent.click(screen.getByRole('button', { name: 'Create route' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent).toEqual([
    {
      kinds: ['note.mention'],
      min_severity: 1,
      quiet_hours: null,
      coalesce_seconds: 60,
      organization_id: ORGANIZATION,
    },
  ]);
});

test('a route that somebody changed first is shown as theirs, with one’s own on top', async () => {
  server.use(
    channels,
    routes,
    http.patch(url(`/api/v1/notification-routes/${ROUTE.id}`), () =>
      HttpResponse.json({ code: 'stale', current: { ...ROUTE, min_severity: 5, revision: 3 } }, { status: 412 }),
    ),
    ...common,
  );
  await renderApp('/notifications', sessionOf('notifications:write'));
  await userEvent.click(await screen.findByRole('button', { name: 'Change…' }));
  await userEvent.click(screen.getByRole('checkbox', { name: /Silent sensor/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Save route' }));
  expect(await screen.findByText(/Somebody changed it while you did/)).toBeVisible();
  expect(screen.getByLabelText('From severity')).toHaveValue('5');
  expect(screen.getByRole('checkbox', { name: /Silent sensor/ })).toBeChecked();
});

test('a test says what became of it', async () => {
  server.use(
    channels,
    routes,
    http.post(url(`/api/v1/notification-channels/${CHAT.id}/test`), () => HttpResponse.json(TOLD, { status: 202 })),
    page('/api/v1/notifications', { ...TOLD, status: 'failed', attempts: 1, last_error: 'the name has no address' }),
    ...common,
  );
  await renderApp('/notifications?tab=channels', sessionOf('notifications:write'));
  await userEvent.click(await screen.findByRole('button', { name: 'Test chat' }));
  expect(await screen.findByText('Failed: the name has no address')).toBeVisible();
});

test('a URL that is not called is told at its field, and a secret is empty when it is changed', async () => {
  server.use(
    channels,
    routes,
    http.patch(url(`/api/v1/notification-channels/${CHAT.id}`), () =>
      HttpResponse.json({ code: 'url_not_allowed', detail: 'It is at no public address.' }, { status: 422 }),
    ),
    ...common,
  );
  await renderApp('/notifications?tab=channels', sessionOf('notifications:write'));
  await userEvent.click(await screen.findByRole('button', { name: 'Change…' }));
  const field = screen.getByLabelText('Another URL');
  expect(field).toHaveValue('');
  await userEvent.type(field, 'https://127.0.0.1/x');
  await userEvent.click(screen.getByRole('button', { name: 'Save channel' }));
  await waitFor(() => expect(field).toHaveAccessibleDescription(/It is at no public address/));
});

test('what failed is tried again in its row', async () => {
  const failed = { ...TOLD, status: 'failed', attempts: 12, last_error: 'no answer' };
  server.use(
    channels,
    page('/api/v1/notifications', failed),
    http.post(url(`/api/v1/notifications/${TOLD.id}/retry`), () =>
      HttpResponse.json({ ...TOLD, status: 'sent', attempts: 13 }),
    ),
    ...common,
  );
  await renderApp('/notifications?tab=told', sessionOf('notifications:write'));
  const table = await screen.findByRole('table', { name: 'Deliveries' });
  expect(within(table).getByText('no answer')).toBeVisible();
  await userEvent.click(within(table).getByRole('button', { name: /Try again/ }));
  expect(await within(table).findByText('Sent')).toBeVisible();
  expect(within(table).queryByRole('button', { name: /Try again/ })).toBeNull();
});
