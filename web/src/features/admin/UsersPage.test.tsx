import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const ADA = {
  id: '01a21dba-fe33-75b0-b5c7-63e7a1c99c81',
  organization_id: ORGANIZATION,
  email: 'ada@example.org',
  name: 'Ada Admin',
  role: 'admin',
  source: 'local',
  disabled_at: null,
  created_at: '2026-11-27T15:58:43Z',
  totp_enabled: false,
  last_login_at: '2026-11-27T16:27:40Z',
};
const ARI = {
  ...ADA,
  id: '01a21dbb-15f4-7bab-8001-eee95a6de3f1',
  email: 'ari@example.org',
  name: 'Ari',
  role: 'analyst',
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const people = (...items: object[]) =>
  http.get(url('/api/v1/users'), () => HttpResponse.json({ items, next_cursor: null }));

test('who may only look sees nothing to do, and nothing of how others sign in', async () => {
  const { totp_enabled: _, last_login_at: __, ...plain } = ARI;
  server.use(people(plain), ...common);
  await renderApp('/admin/users', sessionOf('users:read'));
  const table = await screen.findByRole('table', { name: 'People' });
  expect(within(table).getByText('ari@example.org')).toBeVisible();
  expect(within(table).queryByRole('columnheader', { name: 'Last sign-in' })).toBeNull();
  expect(screen.queryByRole('button', { name: /Add user/ })).toBeNull();
  expect(screen.queryByRole('button', { name: /Actions for/ })).toBeNull();
});

test('the last admin is neither disabled nor removed, and the menu says why', async () => {
  server.use(people(ADA, ARI), ...common);
  await renderApp('/admin/users', sessionOf('users:read', 'users:write'));
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Ada Admin' }));
  const remove = await screen.findByRole('menuitem', { name: /Remove/ });
  expect(remove).toHaveAttribute('aria-disabled', 'true');
  expect(remove).toHaveTextContent('Nobody else administers the organization.');
  expect(screen.getByRole('menuitem', { name: /Reset/ })).toHaveTextContent('You change your own password');
});

test('a first password is shown once; who has an account elsewhere is invited instead', async () => {
  let taken = true;
  server.use(
    people(ADA),
    http.post(url('/api/v1/users'), () => {
      if (taken)
        return HttpResponse.json({ code: 'belongs_elsewhere', detail: 'They have an account.' }, { status: 409 });
      return HttpResponse.json({ ...ARI, password: 'f1rst-pass' }, { status: 201 });
    }),
    ...common,
  );
  await renderApp('/admin/users', sessionOf('users:read', 'users:write'));
  await userEvent.click(await screen.findByRole('button', { name: /Add user…/ }));
  await userEvent.type(await screen.findByLabelText('E-mail address'), 'ari@example.org');
  await userEvent.type(screen.getByLabelText('Name'), 'Ari');
  await userEvent.click(screen.getByRole('button', { name: 'Add user' }));
  expect(await screen.findByText('They have an account.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Invite instead…' })).toBeEnabled();
  taken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Add user' }));
  expect(await screen.findByText('f1rst-pass')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(screen.queryByText('f1rst-pass')).toBeNull());
});
