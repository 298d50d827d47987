import { configure, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

// Machines that do much else are slow, and the page's own code is fetched first.
configure({ asyncUtilTimeout: 8_000 });

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const alert = (at: number) => ({
  id: `01a21dcf-8789-7165-9753-00000000000${at}`,
  organization_id: ORGANIZATION,
  title: `Beacon ${at}`,
  severity: 5,
  risk: 100 - at,
  status: 'new',
  verdict: null,
  reason: null,
  assignee_id: null,
  count: 2,
  first_seen: '2026-11-27T16:21:09Z',
  last_seen: '2026-11-27T16:23:52Z',
  acknowledged_at: null,
  resolved_at: null,
  closed_at: null,
  again: false,
  incident_id: null,
  previous_alert_id: null,
  rule_id: '1:9001002',
  module: 'suricata',
  dataset: 'suricata.alert',
  sensor_id: null,
  tags: [],
  techniques: [],
  observables_count: 0,
  observables_dropped: 0,
  revision: 7,
  created_at: '2026-11-27T16:21:09Z',
  updated_at: '2026-11-27T16:23:53Z',
});

const seen: string[] = [];

function answer(items = [alert(1), alert(2), alert(3)]) {
  seen.length = 0;
  server.use(
    ...common,
    http.get(url('/api/v1/alerts'), () =>
      HttpResponse.json({ items, next_cursor: null, total: 10_000, degraded: null }),
    ),
    http.get(url('/api/v1/alerts/facets'), () =>
      HttpResponse.json({ facets: { severity: [{ value: 5, count: 3 }] }, total: 3, degraded: null }),
    ),
    http.get(url('/api/v1/alerts/histogram'), () =>
      HttpResponse.json({
        interval_seconds: 900,
        buckets: [{ start: '2026-11-27T16:00:00Z', by_severity: { 5: 3 } }],
        degraded: null,
      }),
    ),
    http.get(url('/api/v1/views'), () => HttpResponse.json({ items: [], next_cursor: null })),
  );
}

const open = async () => {
  await renderApp('/alerts', sessionOf('alerts:read', 'alerts:write'));
  return screen.findByRole('row', { name: /Beacon 1/ });
};

test('a key acknowledges with the revision that was seen, and goes to the next', async () => {
  answer();
  server.use(
    http.post(url('/api/v1/alerts/:id/acknowledge'), ({ request, params }) => {
      seen.push(`${String(params.id).at(-1)} ${request.headers.get('If-Match')}`);
      return HttpResponse.json({ ...alert(Number(String(params.id).at(-1))), status: 'acknowledged', revision: 8 });
    }),
  );
  const row = await open();
  await userEvent.keyboard('e');
  expect(await within(row).findByText('Acknowledged')).toBeInTheDocument();
  await userEvent.keyboard('e');
  await waitFor(() => expect(seen).toEqual(['1 "7"', '2 "7"']));
  // What the server counts no further is not told as if it were counted.
  expect(screen.getByText(/of 10,000\+/)).toBeInTheDocument();
}, 30_000);

test('a row tells what it is about, which can be filtered for', async () => {
  const entities = [
    { type: 'user', value: 'j.tanaka', field: 'user.name' },
    { type: 'ip', value: '10.1.2.3', field: 'source.ip' },
    { type: 'ip', value: '203.0.113.9', field: 'destination.ip' },
  ];
  answer([{ ...alert(1), entities } as ReturnType<typeof alert>]);
  const { router } = await renderApp('/alerts', sessionOf('alerts:read'));
  const cell = await screen.findByTitle(/user.name: j.tanaka source.ip: 10.1.2.3 destination.ip: 203.0.113.9/);
  expect(cell).toHaveTextContent('j.tanaka@10.1.2.3203.0.113.9');
  await userEvent.hover(cell);
  await userEvent.click(screen.getByRole('button', { name: 'Filter for 10.1.2.3' }));
  await waitFor(() => expect(JSON.stringify(router.state.location.search)).toContain('source.ip'));
}, 30_000);

test('who was late sees what somebody else made of it', async () => {
  answer();
  server.use(
    http.post(url('/api/v1/alerts/:id/acknowledge'), () =>
      HttpResponse.json({ code: 'stale', current: { ...alert(1), status: 'closed', revision: 9 } }, { status: 412 }),
    ),
  );
  await open();
  await userEvent.keyboard('e');
  expect(await screen.findAllByText('Somebody changed it first: Beacon 1')).not.toHaveLength(0);
  expect(await screen.findByRole('row', { name: /Beacon 1.*Closed/ })).toBeInTheDocument();
}, 30_000);

test('all that match are acknowledged as a query of what was there, after the number was told', async () => {
  answer();
  const job = { id: 'job', status: 'draft', total: 12_345, done: 0, skipped: 0, failed: 0, result: {}, error: null };
  server.use(
    http.post(url('/api/v1/alerts/bulk'), async ({ request }) => {
      seen.push(await request.text());
      return HttpResponse.json(job, { status: 202 });
    }),
    http.get(url('/api/v1/jobs/job'), () => HttpResponse.json(job)),
  );
  await open();
  await userEvent.keyboard('x');
  await userEvent.click(screen.getByRole('button', { name: 'Select all 10,000+' }));
  await userEvent.keyboard('e');
  expect(await screen.findByRole('button', { name: 'Acknowledge 12,345 alerts' })).toBeEnabled();
  const asked = JSON.parse(seen[0] ?? '{}') as { query: string; start: boolean; action: unknown };
  expect(asked.query).toMatch(/^\(.*status:\("new" OR "acknowledged" OR "in_progress"\).*\) AND \(created_at:<"20/);
  expect([asked.start, asked.action]).toEqual([false, { type: 'acknowledge' }]);
}, 30_000);

test('an empty queue says that it is clear, and a query that cannot be read says where', async () => {
  answer([]);
  await renderApp('/alerts', sessionOf('alerts:read'));
  expect(await screen.findByText('The queue is clear', {})).toBeInTheDocument();
  const refuse = () =>
    HttpResponse.json(
      { code: 'unknown_field', detail: 'There is no such field.', position: 0, length: 7, suggestions: ['severity'] },
      { status: 422 },
    );
  server.use(http.get(url('/api/v1/alerts'), refuse), http.get(url('/api/v1/alerts/facets'), refuse));
  const line = screen.getByRole('combobox', { name: 'Query' });
  await userEvent.type(line, 'severty:high{Enter}');
  expect(await screen.findByRole('button', { name: 'severity' })).toBeInTheDocument();
  expect(screen.getByText('The query cannot be read')).toBeInTheDocument();
}, 30_000);

test.each(['facets', 'histogram'])(
  'of %s that were counted without search it is said at the head',
  async (part) => {
    answer();
    const counted = { facets: {}, total: 3, interval_seconds: 900, buckets: [], degraded: 'OpenSearch is away' };
    server.use(http.get(url(`/api/v1/alerts/${part}`), () => HttpResponse.json(counted)));
    await open();
    const said = await screen.findByText('OpenSearch is away');
    expect(said.closest('[role="status"]')).toHaveTextContent('Counted without search: OpenSearch is away');
  },
  30_000,
);

test('it is said no more when search is back, though nothing changed', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  answer();
  const counted = { facets: { severity: [{ value: 5, count: 3 }] }, total: 3 };
  let degraded: string | null = 'OpenSearch is away';
  server.use(http.get(url('/api/v1/alerts/facets'), () => HttpResponse.json({ ...counted, degraded })));
  await open();
  await screen.findByText('OpenSearch is away');
  degraded = null;
  await vi.advanceTimersByTimeAsync(30_000);
  await waitFor(() => expect(screen.queryByText(/without search/)).toBeNull());
  expect(screen.getByTitle('3 of severity critical')).toBeVisible();
  vi.useRealTimers();
}, 30_000);

test('what was typed to close an alert stays where that is refused', async () => {
  answer();
  server.use(
    http.get(url('/api/v1/organizations/:id/close-reasons'), () =>
      HttpResponse.json([{ id: null, verdict: 'false_positive', name: 'rule_too_wide', retired_at: null }]),
    ),
    http.post(url('/api/v1/alerts/:id/close'), () => HttpResponse.json({ detail: 'Not now.' }, { status: 503 })),
  );
  await open();
  await userEvent.keyboard('c');
  const note = await screen.findByRole('textbox', { name: 'Note' });
  const verdict = screen.getByRole('combobox', { name: 'Verdict' });
  expect(verdict).toHaveValue('');
  await userEvent.selectOptions(verdict, 'False positive');
  await screen.findByRole('option', { name: 'Rule too wide' });
  await userEvent.type(note, 'The scanner of the office');
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  expect(await screen.findAllByText('Not closed: Beacon 1')).not.toHaveLength(0);
  expect(screen.getByRole('textbox', { name: 'Note' })).toHaveValue('The scanner of the office');
}, 30_000);

test('a list that was left is asked for anew, row by row, when one comes back to it', async () => {
  answer();
  const { router } = await renderApp('/alerts', sessionOf('alerts:read', 'alerts:write'));
  await screen.findByRole('row', { name: /Beacon 1/ });
  await router.navigate({ to: '/jobs' });
  await waitFor(() => expect(screen.queryByRole('row', { name: /Beacon 1/ })).toBeNull());
  answer([{ ...alert(1), status: 'closed', updated_at: '2026-11-27T16:40:00Z' }]);
  vi.setSystemTime(Date.now() + 60_000);
  await router.navigate({ to: '/alerts' });
  expect(await screen.findByRole('row', { name: /Beacon 1.*Closed/ })).toBeInTheDocument();
  expect(screen.getByRole('row', { name: /Beacon 3/ })).toBeInTheDocument();
  vi.useRealTimers();
}, 30_000);
