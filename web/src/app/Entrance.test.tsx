import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { sessionQuery } from '@/api/session';
import { sessionOf, url } from '@/test/render';
import { Entrance } from './Entrance';

const session = sessionOf('alerts:read');
const server = setupServer(
  http.get(url('/api/v1/auth/methods'), () => HttpResponse.json({ password: true, oidc: 'Example login' })),
  http.post(url('/api/v1/auth/login'), () => HttpResponse.json(session)),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function enter(href: string) {
  const client = new QueryClient();
  const onGo = vi.fn<(to: string, how?: 'replace') => void>();
  render(
    <QueryClientProvider client={client}>
      <Entrance href={href} onGo={onGo} />
    </QueryClientProvider>,
  );
  return { client, onGo };
}

async function signIn() {
  await userEvent.type(screen.getByLabelText('E-mail address'), 'ada@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'x');
  await userEvent.click(screen.getByText('Sign in', { selector: 'button' }));
}

test('who signs in goes on to where they were on the way to, and is known there', async () => {
  const { client, onGo } = enter('/login?next=%2Falerts%3Fquery%3Dhost%3Aa');
  expect(await screen.findByText('Sign in with Example login')).toHaveAttribute(
    'href',
    '/api/v1/auth/oidc/login?return_to=%2Falerts%3Fquery%3Dhost%3Aa',
  );
  await signIn();
  await vi.waitFor(() => expect(onGo).toHaveBeenCalledWith('/alerts?query=host:a', 'replace'));
  expect(client.getQueryData(sessionQuery.queryKey)).toEqual(session);
});

test('nobody is shown what was asked for by who was signed in before', async () => {
  const { client, onGo } = enter('/login');
  client.setQueryData(['incidents', 'one', 'x'], { title: 'For some eyes only' });
  await signIn();
  await vi.waitFor(() => expect(onGo).toHaveBeenCalled());
  expect(client.getQueryData(['incidents', 'one', 'x'])).toBeUndefined();
});

test('nobody is sent to another host', async () => {
  const { onGo } = enter('/login?next=%2F%2Fexample.org');
  await signIn();
  await vi.waitFor(() => expect(onGo).toHaveBeenCalledWith('/', 'replace'));
});

test('the identity provider’s refusal is told', () => {
  enter('/login?error=oidc_no_role');
  expect(screen.getByText(/None of your groups has a role here/)).toBeInTheDocument();
});

test('an invitation’s link that was cut off is no reason to show nothing', () => {
  enter('/invitation#code=%E0%A4');
  expect(screen.getByText('Sign in')).toBeInTheDocument();
});

test('an invitation is accepted after signing in, which leads back to it', async () => {
  const { onGo } = enter('/invitation#code=abc');
  await userEvent.click(screen.getByText('Sign in'));
  expect(onGo).toHaveBeenCalledWith('/login?next=%2Finvitation');
});
