import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, renderApp, sessionOf, url } from '@/test/render';

const empty = { items: [], next_cursor: null, total: 0 };
const server = setupServer(
  ...common,
  http.get(url('/api/v1/handovers'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/alerts'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/incidents'), () => HttpResponse.json(empty)),
  http.get(url('/api/v1/organizations/*/incident-policy'), () => HttpResponse.json({ calendar: null })),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const session = sessionOf('alerts:read', 'incidents:read', 'incidents:write');
const SLOW = { timeout: 15_000 };

test('the palette has the actions of the page, and goes to places', async () => {
  const { router } = await renderApp('/handovers', session);
  await screen.findByText('No shift has been handed over yet', {}, SLOW);
  await userEvent.keyboard('{Control>}k{/Control}');
  const input = await screen.findByPlaceholderText(/Go to a page/, {}, SLOW);
  const dialog = within(screen.getByLabelText('Search or jump to', { selector: '[role="dialog"]' }));
  expect(dialog.getByText('On this page')).toBeInTheDocument();
  expect(dialog.getByText('Hand over a shift')).toBeInTheDocument();
  await userEvent.type(input, 'settings{Enter}');
  await screen.findByText('Your organizations', {}, SLOW);
  expect(router.state.location.pathname).toBe('/settings');
}, 60_000);

test('an address that leads nowhere says so, beside the navigation', async () => {
  await renderApp('/alarms/7', session);
  expect(await screen.findByText('There is no such page', {}, SLOW)).toBeInTheDocument();
  expect(screen.getAllByRole('link', { name: /Incidents/ })).not.toHaveLength(0);
}, 60_000);

test('? lists the keys of the page, and G with a letter goes to a place', async () => {
  const { router } = await renderApp('/handovers', session);
  await screen.findByText('No shift has been handed over yet', {}, SLOW);
  await userEvent.keyboard('?');
  expect(await screen.findByText('On this page', {}, SLOW)).toBeInTheDocument();
  expect(screen.getAllByText('Hand over a shift').length).toBeGreaterThan(1);
  await userEvent.keyboard('{Escape}');
  await userEvent.keyboard('gi');
  expect(router.state.location.pathname).toBe('/incidents');
}, 60_000);
