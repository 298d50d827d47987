import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { Dashboard } from './queries';

const took = { count: 4, mean_seconds: 900, median_seconds: 759 };
const counted = {
  total: 3,
  by_severity: { 1: 0, 2: 2, 3: 0, 4: 1, 5: 0 },
  by_age: { under_1h: 1, under_4h: 2, under_1d: 0, under_7d: 0, older: 0 },
  by_owner: [],
  unassigned: 1,
};
const dashboard: Dashboard = {
  at: '2026-11-27T16:26:31Z',
  incidents: { ...counted, on_hold: 1, in_review: 0 },
  alerts: { ...counted, total: 1391 },
  times: {
    since: '2026-10-28T16:26:31Z',
    all: { received: 5, acknowledge: took, resolve: { count: 0, mean_seconds: null, median_seconds: null } },
    by_severity: {},
    formulas: {},
  },
  top_sources: { of_alerts: 1, items: [{ value: '10.20.1.11', alerts: 43 }] },
  top_rules: [{ organization_id: ORGANIZATION, rule_id: '5710', title: 'sshd', alerts: 40 }],
  verdicts: { of_alerts: 0, by_verdict: {} },
  sensors: { active: 6, silent: 1, disabled: 0, silent_sensors: [{ id: 's', name: 'Zeek', last_seen_at: null }] },
  pipeline: {
    accepted: 10,
    stored: 9,
    duplicate: 1,
    quarantined: 0,
    discarded: 0,
    in_flight_or_parked: 0,
    unreported: 0,
  },
};
const empty = { items: [], next_cursor: null, total: 0 };
const server = setupServer(
  ...common,
  http.get(url('/api/v1/alerts/histogram'), () => HttpResponse.json({ interval_seconds: 86_400, buckets: [] })),
  http.get(url('/api/v1/alerts'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/incidents'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/handovers'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/organizations/*/incident-policy'), () => HttpResponse.json({ calendar: null })),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const session = sessionOf('alerts:read', 'incidents:read', 'sensors:read');

test('each number leads to the list of what it counts', async () => {
  server.use(http.get(url('/api/v1/dashboard'), () => HttpResponse.json(dashboard)));
  await renderApp('/', session);
  const alerts = within(await screen.findByRole('region', { name: 'Alerts' }, { timeout: 15_000 }));
  const query = (link: HTMLElement) => new URL(link.getAttribute('href') ?? '', window.location.href).searchParams;
  const all = query(alerts.getByRole('link', { name: '1,391' }));
  expect(JSON.parse(all.get('status') ?? '')).toEqual(['new', 'acknowledged', 'in_progress']);
  const incidents = within(screen.getByRole('region', { name: 'Incidents' }));
  const [first] = incidents.getAllByRole('link', { name: '2' });
  expect(first && query(first).get('query')).toContain('severity:2');
  expect(screen.getByText('12 m')).toBeInTheDocument();
  expect(screen.getByText('never heard of')).toBeInTheDocument();
}, 20_000);

test('where the dashboard fails, the rest of the page is there', async () => {
  server.use(
    http.get(url('/api/v1/dashboard'), () =>
      HttpResponse.json({ code: 'internal', detail: 'A mistake of ours.' }, { status: 500 }),
    ),
  );
  await renderApp('/', session);
  expect((await screen.findAllByText('A mistake of ours.')).length).toBeGreaterThan(1);
  expect(screen.getByText('No shift has been handed over yet.')).toBeInTheDocument();
  expect(screen.getByText(/Nothing is yours/)).toBeInTheDocument();
}, 20_000);
