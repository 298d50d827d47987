import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';

const targets = (acknowledge: number, contain: number | null, resolve: number) => ({
  acknowledge,
  contain,
  resolve,
  around_the_clock: false,
});
const POLICY = {
  organization_id: ORGANIZATION,
  review: { from_severity: 5, false_positive_from: 4 },
  sla: {
    critical: targets(15, 240, 1440),
    high: targets(60, 480, 4320),
    medium: targets(240, 1440, 7200),
    low: targets(1440, null, 14400),
    informational: targets(1440, null, 14400),
  },
  calendar: null,
  revision: 1,
};
const PATH = `/api/v1/organizations/${ORGANIZATION}/incident-policy`;

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('what cannot be read is told at its field, and keeps the policy from being saved', async () => {
  server.use(
    http.get(url(PATH), () => HttpResponse.json(POLICY)),
    ...common,
  );
  await renderApp('/admin/organization', sessionOf('incidents:configure'));
  const field = await screen.findByRole('textbox', { name: 'Contain, high' });
  await userEvent.clear(field);
  await userEvent.type(field, '5 min');
  expect(field).toHaveAccessibleDescription('Not before the one before');
  expect(screen.getByRole('button', { name: 'Save policy…' })).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Discard' }));
  expect(field).toHaveValue('8 h');
  expect(screen.queryByRole('button', { name: 'Save policy…' })).toBeNull();
});

test('two leads change the policy at once, and nothing of either is lost', async () => {
  const theirs = { ...POLICY, sla: { ...POLICY.sla, high: targets(30, 480, 4320) }, revision: 2 };
  const seen: { match: string | null; body: { sla: typeof POLICY.sla } }[] = [];
  server.use(
    http.get(url(PATH), () => HttpResponse.json(POLICY)),
    http.put(url(PATH), async ({ request }) => {
      const body = (await request.json()) as { sla: typeof POLICY.sla };
      seen.push({ match: request.headers.get('If-Match'), body });
      if (seen.length === 1) return HttpResponse.json({ code: 'stale', current: theirs }, { status: 412 });
      return HttpResponse.json({ ...theirs, ...body, revision: 3 });
    }),
    ...common,
  );
  await renderApp('/admin/organization', sessionOf('incidents:configure'));
  const field = await screen.findByRole('textbox', { name: 'Resolve, low' });
  await userEvent.clear(field);
  await userEvent.type(field, '200 h');
  await userEvent.click(screen.getByRole('button', { name: 'Save policy…' }));
  const asked = await screen.findByRole('dialog', { name: 'Save policy: 1 change' });
  expect(within(asked).getByText('Low: resolve')).toBeVisible();
  await userEvent.click(within(asked).getByRole('button', { name: 'Save policy' }));
  expect(await screen.findByText(/Somebody changed it while you did/)).toBeVisible();
  expect(screen.getByText('High: acknowledge')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'Acknowledge, high' })).toHaveValue('30 min');
  expect(field).toHaveValue('200 h');
  await userEvent.click(screen.getByRole('button', { name: 'Save policy…' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Save policy' }));
  await screen.findByText('Policy saved');
  expect(seen.map((one) => one.match)).toEqual(['"1"', '"2"']);
  expect(seen[1]?.body.sla.high.acknowledge).toBe(30);
  expect(seen[1]?.body.sla.low.resolve).toBe(12_000);
  expect(screen.queryByText(/Somebody changed it/)).toBeNull();
});

test('reasons are there to be read; they are added and retired by who may', async () => {
  const own = { id: '01a21dbb-2b82-7f49-bb54-82d2616357cc', verdict: 'false_positive', name: 'ours', retired_at: null };
  const built = { id: null, verdict: 'false_positive', name: 'known_good', retired_at: null };
  server.use(
    http.get(url(`/api/v1/organizations/${ORGANIZATION}/close-reasons`), () => HttpResponse.json([built, own])),
    ...common,
  );
  const { unmount } = await renderApp('/admin/organization?tab=reasons', sessionOf('incidents:configure'));
  expect(await screen.findByText('Known good')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Retire|Add/ })).toBeNull();
  unmount();
  await renderApp('/admin/organization?tab=reasons', sessionOf('incidents:configure', 'organization:write'));
  expect(await screen.findByRole('button', { name: 'Retire ours' })).toBeEnabled();
  expect(screen.getAllByRole('button', { name: 'Add' })).toHaveLength(4);
});
