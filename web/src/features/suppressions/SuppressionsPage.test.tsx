import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { Suppression } from './queries';

const row: Suppression = {
  id: '01a21dbb-436b-7196-92f2-521d909e1b78',
  organization_id: ORGANIZATION,
  name: 'Our scanner',
  query: 'source.ip:192.0.2.9 AND severity:<=high',
  reason: 'Scans on its own account',
  mode: 'active',
  state: 'waiting_for_approval',
  starts_at: '2026-11-27T15:59:01Z',
  ends_at: '2099-12-04T15:59:01Z',
  ended_at: null,
  recurrence: { rule: 'FREQ=WEEKLY;BYDAY=SU;BYHOUR=2', duration_seconds: 7200, zone: 'UTC' },
  owner_id: null,
  created_by_id: null,
  needs_approval: true,
  approved_by_id: null,
  approved_at: null,
  ended_by_id: null,
  proposed_by_alert_id: null,
  revision: 1,
  created_at: '2026-11-27T15:59:01Z',
  updated_at: '2026-11-27T15:59:01Z',
};

const server = setupServer(...common);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers(...common));
afterAll(() => server.close());

test('each is listed with its state, its windows and what it hid', async () => {
  server.use(
    http.get(url('/api/v1/suppressions'), () => HttpResponse.json({ items: [row], next_cursor: null })),
    http.get(url(`/api/v1/suppressions/${row.id}`), () => HttpResponse.json({ ...row, events: 8788, alerts: 162 })),
  );
  await renderApp('/suppressions', sessionOf('suppressions:read'));
  const line = (await screen.findByRole('link', { name: 'Our scanner' }, { timeout: 10_000 })).closest('tr');
  expect(await within(line as HTMLElement).findByText('8,788')).toBeVisible();
  expect(line).toHaveTextContent('Waiting for approval');
  expect(line).toHaveTextContent('Every Sunday at 02:00 for 2h, UTC');
  expect(screen.getByRole('link', { name: 'Try a query' })).toBeVisible();
});

test('one is made only after its effect was looked at', async () => {
  const run = {
    since: '2026-11-20T16:00:00Z',
    until: '2026-11-27T16:00:00Z',
    events: 7,
    already_hidden: 0,
    alerts: 3,
    alerts_gone: 3,
    by_severity: { '5': 3 },
    true_positives: 1,
    true_positive_ids: ['01a21dbb-413a-779b-ad08-f47b498927f1'],
    more: false,
    needs_approval: true,
  };
  let made: Record<string, unknown> | undefined;
  server.use(
    http.get(url('/api/v1/events/fields'), () => HttpResponse.json([])),
    http.post(url('/api/v1/suppressions/dry-run'), () => HttpResponse.json(run)),
    http.post(url('/api/v1/suppressions'), async ({ request }) => {
      made = (await request.json()) as Record<string, unknown>;
      return HttpResponse.json(
        { code: 'too_many_suppressions', detail: 'End one first.', status: 409 },
        { status: 409 },
      );
    }),
  );
  await renderApp('/suppressions/new?name=Scanner', sessionOf('suppressions:read', 'suppressions:write'));
  await userEvent.type(await screen.findByLabelText('Query', {}, { timeout: 10_000 }), 'rule.id:1');
  await userEvent.type(screen.getByLabelText('Reason'), 'It is ours');
  const create = screen.getByRole('button', { name: 'Create suppression' });
  expect(create).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Measure effect' }));
  expect(await screen.findByText(/closed as a true positive/)).toBeVisible();
  await userEvent.click(create);
  // What was typed is still there, and why it was refused beside it.
  expect(await screen.findByText('End one first.')).toBeVisible();
  expect(screen.getByLabelText('Reason')).toHaveValue('It is ours');
  expect(made).toMatchObject({ name: 'Scanner', query: 'rule.id:1', recurrence: null });
});
