import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const JOB = {
  id: '01a21dea-80b1-7a2b-8cd6-a566775461fa',
  organization_id: ORGANIZATION,
  kind: 'alerts.bulk',
  status: 'done',
  parameters: { action: { type: 'close' }, query: 'host:a' },
  result: {},
  error: null,
  total: 3,
  done: 2,
  skipped: 0,
  failed: 1,
  undo_of_id: null,
  undone_by_id: null,
  created_by_id: null,
  cancel_requested_at: null,
  started_at: '2026-11-27T16:00:00Z',
  finished_at: '2026-11-27T16:00:01Z',
  created_at: '2026-11-27T16:00:00Z',
  updated_at: '2026-11-27T16:00:01Z',
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('a job shows the rows that failed first, and is taken back', async () => {
  let undone = false;
  server.use(
    ...common,
    http.get(url('/api/v1/jobs'), () => HttpResponse.json({ items: [JOB], next_cursor: null })),
    http.get(url(`/api/v1/jobs/${JOB.id}`), () => HttpResponse.json(JOB)),
    http.get(url(`/api/v1/jobs/${JOB.id}/items`), ({ request }) => {
      const failed = request.url.includes('status=failed');
      const items = failed ? [{ ordinal: 2, target_id: 'a1', status: 'failed', reason: 'alert_not_found' }] : [];
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.post(url(`/api/v1/alerts/bulk/${JOB.id}/undo`), () => {
      undone = true;
      return HttpResponse.json({ ...JOB, id: 'undo', kind: 'alerts.undo' }, { status: 202 });
    }),
  );
  await renderApp('/jobs', sessionOf('alerts:read', 'alerts:write'));
  await userEvent.click(await screen.findByRole('link', { name: 'Close alerts' }));
  const drawer = within(await screen.findByRole('dialog'));
  expect(await drawer.findByText('Alert not found')).toBeVisible();
  await userEvent.click(drawer.getByRole('button', { name: 'Take back…' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Take back 2' }));
  await screen.findByText('Being taken back: Close alerts');
  expect(undone).toBe(true);
});

test('a copy is downloaded, a job under way cancelled, and none is said to be none', async () => {
  server.use(
    ...common,
    http.get(url('/api/v1/jobs'), () =>
      HttpResponse.json({
        items: [
          { ...JOB, kind: 'alerts.export', failed: 0 },
          { ...JOB, id: 'run', kind: 'drift', status: 'running' },
        ],
        next_cursor: null,
      }),
    ),
    http.post(url('/api/v1/jobs/run/cancel'), () => HttpResponse.json({ ...JOB, id: 'run' })),
  );
  await renderApp('/jobs', sessionOf('system:write'));
  expect(await screen.findByRole('link', { name: 'Download' })).toHaveAttribute(
    'href',
    `/api/v1/exports/${JOB.id}/content`,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByText('Being cancelled: Compare both stores');
});
