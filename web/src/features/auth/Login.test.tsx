import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { renderApp, url } from '@/test/render';

const server = setupServer(
  http.get(url('/api/v1/auth/methods'), () => HttpResponse.json({ password: true, oidc: 'Example login' })),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('who guessed too often is told how long to wait', async () => {
  server.use(
    http.post(url('/api/v1/auth/login'), () =>
      HttpResponse.json(
        { code: 'too_many_logins', detail: 'Wait.' },
        { status: 429, headers: { 'Retry-After': '30' } },
      ),
    ),
  );
  await renderApp('/login', null);
  await userEvent.type(await screen.findByLabelText('E-mail address', {}, { timeout: 15_000 }), 'a@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'x');
  await userEvent.click(screen.getByText('Sign in', { selector: 'button' }));
  expect(await screen.findByText(/Too many sign-ins have failed/)).toBeInTheDocument();
  expect(screen.getByText(/^Wait \d+ s$/)).toBeDisabled();
}, 40_000);

test('the way back from the identity provider says what went wrong, and the way there where to return', async () => {
  await renderApp('/sign-in?error=oidc_no_role', null);
  expect(await screen.findByText(/None of your groups has a role here/, {}, { timeout: 15_000 })).toBeInTheDocument();
  const link = await screen.findByText('Sign in with Example login');
  expect(link).toHaveAttribute('href', '/api/v1/auth/oidc/login?return_to=%2F');
}, 20_000);
