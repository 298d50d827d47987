import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { configure, render } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { vi } from 'vitest';
import type { Permission, Session } from '@/api/session';
import { createAppRouter } from '@/app/routes';
import { Toasts } from '@/ui/Toasts';

// Machines that do much else are slow, and a page's own code is fetched first.
configure({ asyncUtilTimeout: 8_000 });
vi.setConfig({ testTimeout: 30_000 });

const PERSON = { id: '01a21dba-fe33-75b0-b5c7-63e7a1c99c81', email: 'ada@example.org', name: 'Ada Admin' };
export const ORGANIZATION = '01a21dba-fbd0-711a-b01e-bf8aa674e73b';

/** Where a path of the API is, for MSW. */
export const url = (path: string) => new URL(path, window.location.href).href;

/** Somebody with these permissions in one organization. */
export const sessionOf = (...permissions: Permission[]): Session => ({
  user: PERSON,
  memberships: [{ organization_id: ORGANIZATION, organization: 'Alderbrook', role: 'admin', permissions }],
  csrf_token: 't0ken',
  expires_at: '2030-01-01T00:00:00Z',
  totp_enabled: false,
  must_change_password: false,
  preferences: {},
});

let signedIn: Session | undefined;

/** jsdom has none: a stream that says nothing. */
class SilentSource {
  static readonly CLOSED = 2;
  readonly readyState = 0;
  addEventListener() {}
  close() {}
}

/** The application at a path, as somebody with these permissions sees it. */
export async function renderApp(path: string, session: Session) {
  vi.stubGlobal('EventSource', SilentSource);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 } } });
  signedIn = session;
  client.setQueryData(['session'], session);
  const router = createAppRouter(client);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) });
  await router.load();
  const view = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>,
  );
  return { ...view, router, client };
}

const none = { items: [], next_cursor: null, total: 0 };
// The shell counts; what asks for more than a count is a page, and answered by its test.
const counted = (path: string) =>
  http.get(url(path), ({ request }) =>
    new URL(request.url).searchParams.get('limit') === '1' ? HttpResponse.json(none) : undefined,
  );

/** What every page asks for, whoever looks. */
export const common = [
  http.get(url('/api/v1/auth/session'), () => HttpResponse.json(signedIn)),
  http.get(url('/api/v1/users'), () => HttpResponse.json(none)),
  counted('/api/v1/alerts'),
  counted('/api/v1/incidents'),
  http.get(url('/api/v1/auth/methods'), () => HttpResponse.json({ password: true, oidc: null })),
];
