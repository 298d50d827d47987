import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const SENSOR = '01a21dbb-2ea8-7b46-9025-6a81718b102c';
const ID = '00000000-0000-8706-99d4-1314008cb07c';
const RECORD = {
  id: ID,
  organization_id: ORGANIZATION,
  sensor_id: SENSOR,
  batch_id: '01a21dd3-16f2-7f4d-a5df-ea6e8ffa2dbb',
  received_at: '2026-11-27T16:25:02Z',
  path: '/ingest/v1/events',
  format: null,
  reason: 'not_json',
  detail: 'expected one JSON object: Unterminated string starting at: line 1 column 6 (char 5)',
  status: 'open',
  event_id: null,
  requested: null,
  requested_at: null,
  requested_by: null,
  edited: false,
  bytes: 8,
  head: '{"a":"cu',
  revision: 1,
  created_at: '2026-11-27T16:25:02Z',
  updated_at: '2026-11-27T16:25:02Z',
};
const DETAIL = {
  ...RECORD,
  record: { text: RECORD.head, base64: btoa(RECORD.head) },
  edited_record: null,
  history: [],
};
const GROUP = {
  sensor_id: SENSOR,
  sensor: 'ids-1',
  reason: 'not_json',
  status: 'open',
  requested: null as string | null,
  records: 217,
  oldest: RECORD.received_at,
  newest: RECORD.received_at,
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const replies = (groups: object[] = [GROUP], record: object = DETAIL) => [
  ...common,
  http.get(url('/api/v1/quarantine/summary'), () => HttpResponse.json({ groups, more: false })),
  http.get(url('/api/v1/quarantine'), () =>
    HttpResponse.json({ items: groups.length > 0 ? [RECORD] : [], next_cursor: null }),
  ),
  http.get(url(`/api/v1/quarantine/${ID}`), () => HttpResponse.json(record)),
  http.get(url(`/api/v1/sensors/${SENSOR}`), () => HttpResponse.json({ id: SENSOR, name: 'ids-1', keys: [] })),
];

test('all that match are re-driven, and what became of each row on the screen is told', async () => {
  let asked: unknown;
  server.use(
    http.post(url('/api/v1/quarantine/redrive'), async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ requested: 217, more: false }, { status: 202 });
    }),
    ...replies([GROUP], { ...DETAIL, status: 'redriven', event_id: 'e' }),
  );
  await renderApp('/quarantine?reason=not_json', sessionOf('quarantine:read', 'quarantine:write', 'sensors:read'));
  await userEvent.click(await screen.findByRole('button', { name: 'Re-drive all 217…' }));
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Re-drive 217 records' }),
  );
  expect(await screen.findByText(/1 stored, of the 1 that were on the screen/)).toBeVisible();
  expect(asked).toMatchObject({ all: true, reason: 'not_json', received_to: expect.any(String) });
});

test('a record is mended, tried and kept; who was faster is told', async () => {
  server.use(
    ...replies(),
    http.post(url(`/api/v1/quarantine/${ID}/try`), () =>
      HttpResponse.json({ outcomes: [{ outcome: 'rejected', reason: 'wrong_shape', detail: 'no time' }], more: 0 }),
    ),
    http.patch(url(`/api/v1/quarantine/${ID}`), () =>
      HttpResponse.json({ code: 'stale', current: { ...RECORD, edited: true, revision: 2 } }, { status: 412 }),
    ),
  );
  await renderApp(`/quarantine?open=${ID}`, sessionOf('quarantine:read', 'quarantine:write', 'sensors:read'));
  const text = await screen.findByLabelText('Record');
  expect(screen.getByText('Line 1, column 6')).toBeVisible();
  await userEvent.type(text, 't"}');
  await userEvent.click(screen.getByRole('button', { name: 'Try it' }));
  expect(await screen.findByText('Not of this format.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Keep the edit' }));
  expect(await screen.findByText(/Somebody changed it meanwhile/)).toBeVisible();
  expect(screen.getByLabelText('Record')).toHaveValue('{"a":"cut"}');
});

test('who may only look is offered nothing, and an empty quarantine says so', async () => {
  server.use(...replies([]));
  await renderApp('/quarantine', sessionOf('quarantine:read'));
  expect(await screen.findByText('Nothing in quarantine')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Re-drive all/ })).toBeNull();
});
