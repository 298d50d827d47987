import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import { NOTHING } from './healthOf';

const ID = '01a21dbb-2ea8-7b46-9025-6a81718b102c';
const SENSOR = {
  id: ID,
  organization_id: ORGANIZATION,
  name: 'ids-1',
  format: 'json',
  zone: 'UTC',
  rate_per_second: null,
  ignored_types: [],
  severity_overrides: {},
  expected_interval: null,
  status: 'active',
  last_seen_at: null,
  silent: null,
  revision: 1,
  created_at: '2026-11-27T15:58:56Z',
  updated_at: '2026-11-27T15:58:56Z',
};
const KEY = {
  id: 'k',
  prefix: 'evs_abc',
  created_at: SENSOR.created_at,
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};
const sheet = (total = {}) => ({
  sensor_id: ID,
  from: '2026-11-27T15:00:00Z',
  to: '2026-11-27T16:00:00Z',
  total: { ...NOTHING, ...total },
  minutes: [],
});
const snippet = (text: string) => ({ shipper: 'curl', file: 'a shell', text });

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('from an empty list to the first event, with the key in the command', async () => {
  let events: object[] = [];
  server.use(
    ...common,
    http.get(url('/api/v1/sensors'), () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post(url('/api/v1/sensors'), () =>
      HttpResponse.json({ ...SENSOR, key: { ...KEY, key: 'evs_abcdef' } }, { status: 201 }),
    ),
    http.get(url(`/api/v1/sensors/${ID}/snippet`), ({ request }) =>
      HttpResponse.json(
        snippet(
          request.url.includes('curl')
            ? 'curl "https://in/x" -H "Bearer SENSOR_KEY" --data-binary @records.ndjson'
            : 'token: SENSOR_KEY',
        ),
      ),
    ),
    http.get(url(`/api/v1/sensors/${ID}/accounts`), () => HttpResponse.json(sheet())),
    http.get(url(`/api/v1/sensors/${ID}`), () => HttpResponse.json({ ...SENSOR, keys: [KEY] })),
    http.get(url('/api/v1/events'), () => HttpResponse.json({ items: events, next_cursor: null })),
  );
  await renderApp('/sensors', sessionOf('sensors:read', 'sensors:write', 'events:read'));
  expect(await screen.findByText('No sensor sends here yet')).toBeVisible();
  const [add] = screen.getAllByRole('button', { name: 'Add sensor' });
  if (add) await userEvent.click(add);
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Name'), 'ids-1');
  await userEvent.click(dialog.getByRole('button', { name: 'Add sensor' }));
  expect(await screen.findByText('evs_abcdef')).toBeVisible();
  expect(await screen.findByText(/curl .* "Bearer evs_abcdef" --data-binary '{"time"/)).toBeVisible();
  expect(await screen.findByText('Listening for the first event…')).toBeVisible();
  events = [{ id: 'e', title: 'It works', time: '2026-11-27T16:00:00Z', alert_id: null, sensor_id: ID }];
  expect(await screen.findByText('It works', {}, { timeout: 8_000 })).toBeVisible();
  expect(screen.getByRole('link', { name: 'See its events' })).toBeVisible();
});

test('who may only read is not offered to add', async () => {
  server.use(
    ...common,
    http.get(url('/api/v1/sensors'), () => HttpResponse.json({ items: [SENSOR], next_cursor: null })),
    http.get(url(`/api/v1/sensors/${ID}/accounts`), () =>
      HttpResponse.json(sheet({ accepted: 600, stored: 570, quarantined: 30 })),
    ),
  );
  await renderApp('/sensors', sessionOf('sensors:read'));
  expect(await screen.findByRole('link', { name: 'ids-1' })).toHaveAttribute('href', `/sensors/${ID}`);
  expect(screen.getByText('Nothing yet')).toBeVisible();
  expect(await screen.findByText('5.0 %')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Add sensor' })).toBeNull();
});

test.each(['/sensors', `/sensors/${ID}`])('of whom nothing is stored it is said at %s', async (path) => {
  const seen = { ...SENSOR, last_seen_at: new Date().toISOString(), keys: [KEY] };
  server.use(
    ...common,
    http.get(url('/api/v1/sensors'), () => HttpResponse.json({ items: [seen], next_cursor: null })),
    http.get(url(`/api/v1/sensors/${ID}`), () => HttpResponse.json(seen)),
    http.get(url(`/api/v1/sensors/${ID}/accounts`), () =>
      HttpResponse.json(sheet({ accepted: 21, duplicate: 19, quarantined: 1, discarded: 1 })),
    ),
  );
  await renderApp(path, sessionOf('sensors:read'));
  expect((await screen.findAllByText('Nothing stored'))[0]).toBeVisible();
  expect(screen.queryByText('Well')).toBeNull();
});

test('what somebody else changed meanwhile is shown, and what was typed is kept', async () => {
  server.use(
    ...common,
    http.get(url(`/api/v1/sensors/${ID}`), () => HttpResponse.json({ ...SENSOR, keys: [KEY] })),
    http.patch(url(`/api/v1/sensors/${ID}`), ({ request }) => {
      const seen = request.headers.get('If-Match');
      if (seen === '"2"') return HttpResponse.json({ ...SENSOR, name: 'mine', zone: 'Europe/Vienna', revision: 3 });
      const current = { ...SENSOR, zone: 'Europe/Vienna', revision: 2 };
      return HttpResponse.json({ code: 'stale', detail: 'Somebody was faster.', current }, { status: 412 });
    }),
  );
  await renderApp(`/sensors/${ID}?tab=settings`, sessionOf('sensors:read', 'sensors:write'));
  const name = await screen.findByLabelText('Name');
  await userEvent.clear(name);
  await userEvent.type(name, 'mine');
  await userEvent.click(screen.getByRole('button', { name: 'Save settings' }));
  expect(await screen.findByText(/Somebody changed it while you did/)).toBeVisible();
  expect(screen.getByLabelText('Name')).toHaveValue('mine');
  expect(screen.getByLabelText('Zone of times that name none')).toHaveValue('Europe/Vienna');
  await userEvent.click(screen.getByRole('button', { name: 'Save settings' }));
  await screen.findByText('Saved: mine');
});

test('a pasted record that cannot be read shows where reading stopped', async () => {
  const detail = 'expected one JSON object: Unterminated string starting at: line 1 column 2 (char 1)';
  server.use(
    ...common,
    http.get(url(`/api/v1/sensors/${ID}`), () => HttpResponse.json({ ...SENSOR, keys: [KEY] })),
    http.post(url(`/api/v1/sensors/${ID}/test`), () =>
      HttpResponse.json({ outcomes: [{ outcome: 'rejected', reason: 'not_json', detail }], more: 0 }),
    ),
  );
  await renderApp(`/sensors/${ID}?tab=bench`, sessionOf('sensors:read'));
  await userEvent.type(await screen.findByLabelText('Record'), '{{"a');
  await userEvent.click(screen.getByRole('button', { name: 'Try it' }));
  expect(await screen.findByText('Not JSON.')).toBeVisible();
  expect(screen.getByText('Line 1, column 2')).toBeVisible();
  expect(screen.getByTitle('Reading stopped here')).toHaveTextContent('"');
});
