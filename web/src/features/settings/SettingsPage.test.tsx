import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Preferences, sessionQuery } from '@/api/session';
import { changeLook, lookNow } from '@/lib/look';
import { common, renderApp, sessionOf, url } from '@/test/render';

const viewer = sessionOf('alerts:read');
const asked: unknown[] = [];
const server = setupServer(
  ...common,
  http.patch(url('/api/v1/auth/profile'), async ({ request }) => {
    const body = (await request.json()) as { name?: string; preferences?: Preferences };
    asked.push(body);
    const user = { ...viewer.user, name: body.name ?? viewer.user.name };
    return HttpResponse.json({ user, preferences: { ...viewer.preferences, ...body.preferences } });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  asked.length = 0;
  changeLook({ theme: 'system', density: 'default', zone: 'utc', shortcuts: true });
});
afterAll(() => server.close());

test('whoever it is may change what they are called', async () => {
  await renderApp('/settings', viewer);
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await userEvent.clear(name);
  await userEvent.type(name, 'Ada A. Admin');
  await userEvent.click(screen.getByRole('button', { name: 'Change name' }));
  expect(await screen.findAllByText('Name changed')).not.toHaveLength(0);
  expect(asked).toEqual([{ name: 'Ada A. Admin' }]);
  expect(screen.getByRole('button', { name: /^Ada A. Admin, / })).toBeInTheDocument();
});

test('what is chosen holds at once, and is kept for every browser', async () => {
  const { client } = await renderApp('/settings?tab=preferences', viewer);
  await userEvent.click(await screen.findByRole('radio', { name: 'Compact' }));
  expect(lookNow().density).toBe('compact');
  await waitFor(() => expect(asked).toEqual([{ preferences: { density: 'compact' } }]));
  await waitFor(() => expect(client.getQueryData(sessionQuery.queryKey)?.preferences.density).toBe('compact'));
});

test('what was chosen elsewhere is shown here, and what never was stays as this browser has it', async () => {
  changeLook({ zone: 'local' });
  const { client } = await renderApp('/settings?tab=preferences', viewer);
  const preferences = { ...viewer.preferences, theme: 'light', zone: null };
  server.use(http.get(url('/api/v1/auth/session'), () => HttpResponse.json({ ...viewer, preferences })));
  await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  await waitFor(() => expect(lookNow()).toMatchObject({ theme: 'light', zone: 'local' }));
  expect(asked).toEqual([]);
});

test('where it could not be kept it holds in this browser, and says so', async () => {
  server.use(http.patch(url('/api/v1/auth/profile'), () => HttpResponse.json({ detail: 'Away.' }, { status: 503 })));
  await renderApp('/settings?tab=preferences', viewer);
  await userEvent.click(await screen.findByRole('radio', { name: 'Dark' }));
  expect(await screen.findAllByText('Kept in this browser alone')).not.toHaveLength(0);
  expect(lookNow().theme).toBe('dark');
});
