import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const ID = '01a21de4-d0dc-8056-a972-2b638b76dde7';
const EVENT = {
  id: ID,
  organization_id: ORGANIZATION,
  kind: 'alert',
  time: '2026-11-27T16:44:24.668000Z',
  severity: 4,
  title: 'ssh brute force',
  module: 'suricata',
  dataset: 'suricata.alert',
  rule_id: '2001219',
  rule_name: 'ssh brute force',
  source_ip: ['10.20.1.18'],
  destination_ip: ['192.0.2.22'],
  host: [],
  user: [],
  sensor_id: '01a21dbb-2eda-7967-9c9a-96d79da4fb90',
  alert_id: null,
  fields: {},
};
const DETAIL = {
  ...EVENT,
  received_at: '2026-11-27T16:44:25Z',
  batch_id: '01a21de4-d113-7efc-b906-ffdaf351c859',
  document: { source: { ip: '10.20.1.18', port: 39010 }, rule: { name: 'ssh brute force' } },
  original: null,
  original_encoding: null,
};
const field = (name: string) => ({ name, type: 'keyword', meaning: '', choices: [] });
const problem = (status: number, code: string, more = {}) =>
  HttpResponse.json({ status, code, title: 'Refused', detail: 'It cannot be.', ...more }, { status });

// The first page of the application is loaded too.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

const asked: URLSearchParams[] = [];
const server = setupServer(
  ...common,
  http.get(url('/api/v1/events'), ({ request }) => {
    asked.push(new URL(request.url).searchParams);
    return HttpResponse.json({ items: [EVENT], next_cursor: null, total: 10_000 });
  }),
  http.get(url('/api/v1/events/histogram'), () => problem(503, 'search_slow')),
  http.get(url('/api/v1/events/fields'), () => HttpResponse.json([field('source.ip'), field('source.port')])),
  http.get(url(`/api/v1/events/${ID}`), () => HttpResponse.json(DETAIL)),
  http.get(url('/api/v1/views'), () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get(url('/api/v1/sensors'), () => HttpResponse.json({ items: [], next_cursor: null })),
);

beforeAll(() => {
  // jsdom lays nothing out: without a size no row would be on screen.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(1200);
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal(
    'EventSource',
    class extends EventTarget {
      close() {}
    },
  );
  server.listen({ onUnhandledRequest: 'bypass' });
});
afterEach(() => {
  server.resetHandlers();
  asked.length = 0;
});
afterAll(() => server.close());

const session = sessionOf('events:read');

test('a link’s query and range are asked for, and counts say that there may be more', async () => {
  await renderApp(
    '/explorer?query=source.ip%3A10.0.0.0%2F8&from=2026-11-27T16%3A00%3A00Z&to=2026-11-27T17%3A00%3A00Z',
    session,
  );
  expect(await screen.findByRole('row', { name: /ssh brute force/ })).toBeInTheDocument();
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    query: 'source.ip:10.0.0.0/8',
    from: '2026-11-27T16:00:00.000Z',
    to: '2026-11-27T17:00:00.000Z',
  });
  expect(screen.getByText(/of 10,000\+/)).toBeInTheDocument();
  expect(await screen.findByText(/Volume cannot be counted now/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Export events' })).not.toBeInTheDocument();
});

test('an event is opened by key, and its fields are filters and columns', async () => {
  const user = userEvent.setup();
  const { router } = await renderApp('/explorer', session);
  await screen.findByRole('row', { name: /ssh brute force/ });
  await user.keyboard('o');
  const drawer = within(await screen.findByRole('complementary', { name: 'Event' }));
  await user.click(await drawer.findByRole('button', { name: 'Filter out 39010' }));
  await waitFor(() => expect(asked.at(-1)?.get('query')).toBe('NOT source.port:39010'));
  await user.click(drawer.getByRole('button', { name: 'Add source.port as a column' }));
  await waitFor(() => expect(asked.at(-1)?.getAll('field')).toEqual(['source.port']));
  expect(router.state.location.search).toMatchObject({ open: ID, chosen: { '-source.port': [39010] } });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Event' })).not.toBeInTheDocument());
});

test('without search it says what still works', async () => {
  server.use(http.get(url('/api/v1/events'), () => problem(503, 'search_unavailable')));
  await renderApp('/explorer', session);
  expect(await screen.findByText('Events cannot be searched now')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Alerts', description: '' })).toBeInTheDocument();
});

test('what is wrong with a query is said where it is wrong', async () => {
  const wrong = { position: 0, length: 3, suggestions: ['source.ip'], detail: 'There is no such field.' };
  server.use(http.get(url('/api/v1/events'), () => problem(422, 'unknown_field', wrong)));
  await renderApp('/explorer?query=src:a', session);
  expect(within(await screen.findByRole('alert')).getByRole('button', { name: 'source.ip' })).toBeInTheDocument();
  expect(screen.getByText('This query is not understood')).toBeInTheDocument();
});

test('where nothing was ever sent, the way leads to the sensors', async () => {
  server.use(http.get(url('/api/v1/events'), () => HttpResponse.json({ items: [], next_cursor: null, total: 0 })));
  await renderApp('/explorer', sessionOf('events:read', 'sensors:read', 'sensors:write'));
  expect(await screen.findByRole('link', { name: 'Add a sensor' })).toHaveAttribute('href', '/sensors');
});
