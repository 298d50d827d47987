import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { AlertDetail } from '../queries';

const ID = '01a21dbb-6472-7e80-a99c-289f8eb30b4a';
const EVENT = {
  id: '01a21dd3-dc91-8071-9472-76fd3125b9a0',
  time: '2026-11-27T16:25:53Z',
  title: 'Sysmon',
  severity: 5,
};

const ALERT: AlertDetail = {
  id: ID,
  organization_id: ORGANIZATION,
  title: 'Program written to a folder malware likes',
  severity: 5,
  risk: 100,
  status: 'new',
  verdict: null,
  reason: null,
  assignee_id: null,
  count: 3,
  first_seen: '2026-11-27T15:59:09Z',
  last_seen: '2026-11-27T16:25:53Z',
  acknowledged_at: null,
  resolved_at: null,
  closed_at: null,
  again: false,
  incident_id: null,
  previous_alert_id: null,
  rule_id: '92213',
  module: 'wazuh',
  dataset: 'wazuh.alerts',
  sensor_id: null,
  entities: [],
  tags: [],
  techniques: ['T1105'],
  observables_count: 1,
  observables_dropped: 0,
  revision: 7,
  created_at: '2026-11-27T15:59:09Z',
  updated_at: '2026-11-27T16:25:54Z',
  snoozed_until: null,
  due_at: null,
  clock: null,
  fingerprint: '38fccf54de930d17a0fe6be8ee8129ce',
  severity_by_hand: false,
  last_fired_at: null,
  quiet_until: null,
  created_by_id: null,
  acknowledged_by_id: null,
  closed_by_id: null,
  hidden: 0,
  hidden_alert_ids: [],
  next_alert_ids: [],
  explanation: [{ rule: 'fold.wazuh4', version: '1', count: 3, fields: ['rule.id', 'agent.id'] }],
  observables: [{ id: 'o1', type: 'host', value: 'fin-ws-01', ioc: false, verdict: null, tlp: null, tags: [] }],
  events: { items: [EVENT], next_cursor: null, total: null },
};

/** The first test reads the page from disk. */
const LONG = { timeout: 15_000 };
const empty = () => HttpResponse.json({ items: [], next_cursor: null, total: 0 });
const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() =>
  server.use(
    ...common,
    http.get(url(`/api/v1/alerts/${ID}`), () => HttpResponse.json(ALERT)),
    http.get(url(`/api/v1/alerts/${ID}/events`), () => HttpResponse.json(ALERT.events)),
    http.get(url(`/api/v1/alerts/${ID}/notes`), empty),
    http.get(url('/api/v1/alerts'), empty),
  ),
);
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const open = async (...permissions: Parameters<typeof sessionOf>) =>
  await renderApp(`/alerts/${ID}`, sessionOf('alerts:read', ...permissions));

test('it says why the alert fired, and lets nobody act who may only read', async () => {
  await open();
  const why = (await screen.findByRole('heading', { name: 'Why it fired' }, LONG)).closest('section');
  expect(within(why as HTMLElement).getByText('Events that agree in these fields are one alert:')).toBeVisible();
  expect(within(why as HTMLElement).getByText('agent.id')).toBeVisible();
  expect(screen.queryByRole('toolbar', { name: 'Actions' })).toBeNull();
});

test('a key acknowledges the alert at the revision that was seen', async () => {
  let asked: string | null = null;
  server.use(
    http.post(url(`/api/v1/alerts/${ID}/acknowledge`), ({ request }) => {
      asked = request.headers.get('If-Match');
      return HttpResponse.json({ ...ALERT, status: 'acknowledged', revision: 8 });
    }),
  );
  await open('alerts:write');
  await screen.findByRole('button', { name: /^Acknowledge/ }, LONG);
  await userEvent.keyboard('e');
  await screen.findAllByText(/^Acknowledged: Program/);
  expect(asked).toBe('"7"');
});

test('who comes too late is told what somebody else made of it', async () => {
  const current = { ...ALERT, status: 'closed', verdict: 'false_positive', reason: 'known_good', revision: 9 };
  server.use(
    http.post(url(`/api/v1/alerts/${ID}/start`), () =>
      HttpResponse.json({ code: 'stale', title: 'Stale', status: 412, current }, { status: 412 }),
    ),
  );
  await open('alerts:write');
  await userEvent.click(await screen.findByRole('button', { name: /^Start work/ }, LONG));
  await screen.findAllByText(/Now its status is Closed \(was New\)/);
});
