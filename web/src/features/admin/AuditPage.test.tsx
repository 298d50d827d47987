import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const ENTRY = {
  id: '01a21dd5-7e83-7da1-85af-f6efc1aa4863',
  organization_id: ORGANIZATION,
  actor: 'user',
  actor_id: '01a21dba-fe33-75b0-b5c7-63e7a1c99c81',
  actor_name: 'Ada Admin',
  action: 'incident.moved',
  kind: 'incident',
  object_id: '01a21dbb-4eac-7b4c-8aeb-d2578fd945ba',
  changes: { status: ['open', 'investigating'], resolved_at: [null, '2026-11-27T15:59:03Z'] },
  details: { reason: 'Begun' },
  correlation_id: '01a21dd5-7e3f-7aeb-92b2-a9a3cd7aa71e',
  address: '192.0.2.7',
  created_at: '2026-11-27T16:27:40Z',
  sequence: 105,
  hash: '6a9a56fe',
};
const CHAIN = { organization_id: ORGANIZATION, whole: true, waiting: 0, broken: null };

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('filters are in the address, and an entry is read as what was and what is', async () => {
  const asked: string[] = [];
  server.use(
    http.get(url('/api/v1/audit'), ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('action') ?? '');
      return HttpResponse.json({ items: [ENTRY], next_cursor: null, total: null });
    }),
    ...common,
  );
  const { router } = await renderApp('/admin/audit', sessionOf('audit:read'));
  await screen.findByRole('button', { name: 'Incident: moved' });
  expect(screen.queryByRole('link', { name: 'Export' })).toBeNull();
  await userEvent.type(screen.getByLabelText('Action'), 'incident.moved{Enter}');
  await waitFor(() => expect(router.state.location.search).toEqual({ action: 'incident.moved' }));
  await waitFor(() => expect(asked.at(-1)).toBe('incident.moved'));
  await userEvent.type(screen.getByLabelText('Object'), 'no id{Enter}');
  expect(screen.getByLabelText('Object')).toHaveAccessibleDescription('This is no id.');
  await userEvent.click(await screen.findByRole('button', { name: 'Incident: moved' }));
  const entry = await screen.findByRole('dialog', { name: 'Incident: moved' });
  expect(within(entry).getByText('investigating')).toHaveTextContent('is now investigating');
  expect(within(entry).getByText('2026-11-27 15:59:03')).toBeVisible();
  expect(within(entry).getByRole('button', { name: `Copy ${ENTRY.correlation_id}` })).toBeEnabled();
});

test('a long chain is followed reply by reply, from where the one before ended', async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get(url('/api/v1/audit'), () => HttpResponse.json({ items: [], next_cursor: null, total: null })),
    http.get(url('/api/v1/audit/verify'), ({ request }) => {
      const after = new URL(request.url).searchParams.get('after');
      asked.push(after);
      if (after === null) return HttpResponse.json([{ ...CHAIN, complete: false, entries: 50_000, head: 'aa' }]);
      return HttpResponse.json([{ ...CHAIN, complete: true, entries: 50_007, head: 'bb' }]);
    }),
    ...common,
  );
  await renderApp('/admin/audit', sessionOf('audit:read', 'audit:export'));
  expect(await screen.findByRole('link', { name: 'Export' })).toHaveAttribute(
    'href',
    `/api/v1/audit/export?organization_id=${ORGANIZATION}`,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Check the chain…' }));
  expect(await screen.findByText(/It is whole: 50,007 entries/)).toBeVisible();
  expect(asked).toEqual([null, '50000']);
});

test('a chain that is broken says where', async () => {
  const broken = { id: null, sequence: 17, reason: 'the entry is another one than was sealed' };
  server.use(
    http.get(url('/api/v1/audit'), () => HttpResponse.json({ items: [], next_cursor: null, total: null })),
    http.get(url('/api/v1/audit/verify'), () =>
      HttpResponse.json([{ ...CHAIN, whole: false, complete: false, entries: 16, head: 'aa', broken }]),
    ),
    ...common,
  );
  await renderApp('/admin/audit', sessionOf('audit:read'));
  await userEvent.click(await screen.findByRole('button', { name: 'Check the chain…' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('It does not hold at entry 17');
});
