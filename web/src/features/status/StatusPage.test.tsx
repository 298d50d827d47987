import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, renderApp, sessionOf, url } from '@/test/render';
import { HEALTHY } from './sample';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('a part that is away hides no other', async () => {
  server.use(
    ...common,
    http.get(url('/api/v1/system'), () =>
      HttpResponse.json({ ...HEALTHY, broker: { value: null, reason: 'no answer in 2 s' } }),
    ),
  );
  await renderApp('/status', sessionOf('system:read'));
  expect(await screen.findByText('Not known now: no answer in 2 s.')).toBeVisible();
  expect(screen.getByText('Not known now: broker.')).toBeVisible();
  expect(screen.getByText('postgres')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Compare or repair' })).toBeNull();
});

test('what is known stays when the system does not answer, with since when', async () => {
  server.use(
    ...common,
    http.get(url('/api/v1/system'), () => HttpResponse.json(HEALTHY)),
  );
  const { client } = await renderApp('/status', sessionOf('system:read'));
  expect(await screen.findByText('All is well.')).toBeVisible();
  server.use(http.get(url('/api/v1/system'), () => HttpResponse.error()));
  await client.refetchQueries({ queryKey: ['system'] });
  expect(await screen.findByText('The system does not say how it is')).toBeVisible();
  expect(screen.getByText('postgres')).toBeVisible();
});

test('parked messages are looked at, and re-driven by their number', async () => {
  let asked: unknown;
  const message = {
    message_id: 'm',
    queue: 'events.received',
    reason: 'rejected',
    at: '2026-11-27T15:00:00Z',
    attempt: 3,
    schema: 'events/1',
    correlation_id: 'c',
    bytes: 120,
    head: '{"a":1',
  };
  server.use(
    ...common,
    http.get(url('/api/v1/system'), () => HttpResponse.json(HEALTHY)),
    http.get(url('/api/v1/system/parked/events.parked'), () => HttpResponse.json({ messages: 7, items: [message] })),
    http.post(url('/api/v1/system/jobs'), async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ id: 'j' }, { status: 202 });
    }),
  );
  await renderApp('/status', sessionOf('system:read', 'system:write'));
  await userEvent.click(await screen.findByRole('button', { name: 'Look into events.parked' }));
  expect(await screen.findByText('{"a":1')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Re-drive 7…' }));
  await userEvent.click(screen.getByRole('button', { name: 'Re-drive 7 messages' }));
  await screen.findByText('Started');
  expect(asked).toEqual({ kind: 'parked_requeue', queue: 'events.parked', limit: 7 });
});
