import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const TOKEN = {
  id: '01a21dbb-2b82-7f49-bb54-82d2616357cc',
  organization_id: ORGANIZATION,
  name: 'nightly',
  scopes: ['alerts:read', 'events:read'],
  expires_at: '2099-02-25T15:58:54Z',
  last_used_at: null,
  revoked_at: null as string | null,
  created_by_id: null,
  created_at: '2026-11-27T15:58:54Z',
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const tokens = (...items: object[]) =>
  http.get(url('/api/v1/tokens'), () => HttpResponse.json({ items, next_cursor: null, total: null }));

test('only what one may oneself can be given away, and a wrong password is told at its field', async () => {
  const sent: unknown[] = [];
  server.use(
    tokens(),
    http.post(url('/api/v1/tokens'), async ({ request }) => {
      sent.push(await request.json());
      if (sent.length === 1)
        return HttpResponse.json({ code: 'bad_credentials', detail: 'The password is wrong.' }, { status: 403 });
      return HttpResponse.json({ ...TOKEN, token: 'evt_s3cret' }, { status: 201 });
    }),
    ...common,
  );
  await renderApp('/admin/tokens', sessionOf('alerts:read', 'alerts:write'));
  const [open] = await screen.findAllByRole('button', { name: /Create token…/ });
  if (open) await userEvent.click(open);
  const scopes = await screen.findByRole('group', { name: 'Scopes' });
  expect(within(scopes).getAllByRole('checkbox')).toHaveLength(2);
  await userEvent.type(screen.getByLabelText('Name'), 'nightly');
  await userEvent.click(screen.getByRole('button', { name: 'All that read' }));
  await userEvent.type(screen.getByLabelText('Your password'), 'wrong');
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }));
  expect(await screen.findByText('The password is wrong.')).toBeVisible();
  expect(screen.getByLabelText('Your password')).toBeInvalid();
  await userEvent.click(screen.getByRole('button', { name: 'Create token' }));
  expect(await screen.findByText('evt_s3cret')).toBeVisible();
  expect(sent[0]).toEqual({
    name: 'nightly',
    scopes: ['alerts:read'],
    expires_days: 90,
    organization_id: ORGANIZATION,
    password: 'wrong',
  });
});

test('a token is revoked after asking, and says so from then on', async () => {
  let revoked: string | null = null;
  server.use(
    http.get(url('/api/v1/tokens'), () =>
      HttpResponse.json({ items: [{ ...TOKEN, revoked_at: revoked }], next_cursor: null, total: null }),
    ),
    http.delete(url(`/api/v1/tokens/${TOKEN.id}`), () => {
      revoked = '2026-11-27T16:58:54Z';
      return new HttpResponse(null, { status: 204 });
    }),
    ...common,
  );
  await renderApp('/admin/tokens', sessionOf('alerts:read'));
  await userEvent.click(await screen.findByRole('button', { name: 'Revoke nightly' }));
  expect(screen.getByRole('dialog', { name: 'Revoke nightly' })).toHaveTextContent('It was never used.');
  await userEvent.click(screen.getByRole('button', { name: 'Revoke' }));
  expect(await screen.findByText('revoked')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Revoke nightly' })).toBeNull();
});
