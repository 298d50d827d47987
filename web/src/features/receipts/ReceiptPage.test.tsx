import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, renderApp, sessionOf, url } from '@/test/render';

const BATCH = '01a21dd4-e020-8653-a1a4-ec73237789c2';
const RECEIPT = {
  id: BATCH,
  kind: 'batch',
  state: 'searchable',
  search: 'found',
  sensor_id: '01a21dbb-2ea8-7b46-9025-6a81718b102c',
  batch_id: BATCH,
  correlation_id: 'c0ffee',
  accepted_at: '2026-11-27T16:00:00Z',
  stored_at: '2026-11-27T16:00:01Z',
  searchable_at: '2026-11-27T16:00:02Z',
  items: 59,
  stored: 58,
  duplicate: 0,
  quarantined: 1,
  event: null,
  quarantine: null,
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('an id pasted with what stands around it leads to the way of a request', async () => {
  server.use(
    ...common,
    http.get(url(`/api/v1/receipts/${BATCH}`), () => HttpResponse.json(RECEIPT)),
  );
  await renderApp('/receipts', sessionOf('receipts:read', 'quarantine:read'));
  const field = await screen.findByLabelText(/An id/);
  await userEvent.click(field);
  await userEvent.paste(`accepted batch ${BATCH} of 59`);
  await userEvent.click(screen.getByRole('button', { name: 'Look it up' }));
  expect(await screen.findByRole('heading', { name: 'Receipt of a request' })).toBeVisible();
  expect(screen.getByText('All that was stored of it can be found.')).toBeVisible();
  expect(screen.getByText('1 of 59 records could not be read.')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Look at what waits' })).toBeVisible();
});

test('what was never here is said to be so', async () => {
  server.use(
    ...common,
    http.get(url(`/api/v1/receipts/${BATCH}`), () => HttpResponse.json({ code: 'receipt_not_found' }, { status: 404 })),
  );
  await renderApp(`/receipts/${BATCH}`, sessionOf('receipts:read'));
  expect(await screen.findByText('There is no receipt of this id')).toBeVisible();
});
