import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type SearchSchemaInput,
} from '@tanstack/react-router';
import { sessionQuery } from '@/api/session';
import './about';
import { alertsQuery } from '@/features/alerts/queries';
import { type AlertSearch, parseSearch } from '@/features/alerts/search';
import { NotFound } from './NotFound';
import { PATHS } from './paths';
import { RouteError } from './RouteError';

interface Context {
  client: QueryClient;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: RouteError,
});

const login = createRoute({
  getParentRoute: () => root,
  path: PATHS.login,
  staticData: { about: { title: 'Sign in' } },
  validateSearch: (search: { next?: unknown } & SearchSchemaInput): { next?: string | undefined } => ({
    next: text(search.next),
  }),
  component: lazyRouteComponent(() => import('@/features/auth/Login')),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: PATHS.login, search: { next: location.href } });
    return { session };
  },
  component: lazyRouteComponent(() => import('@/features/shell/Shell')),
});

const shift = createRoute({
  getParentRoute: () => app,
  path: PATHS.shift,
  beforeLoad: () => {
    throw redirect({ to: PATHS.alerts, search: {} });
  },
});

const alerts = createRoute({
  getParentRoute: () => app,
  path: PATHS.alerts,
  staticData: { about: { title: 'Alerts', nav: { icon: 'alerts', order: 1 }, permission: 'alerts:read' } },
  validateSearch: (search: { [Name in keyof AlertSearch]?: unknown } & SearchSchemaInput) => parseSearch(search),
  // Which alert is previewed is no other list.
  loaderDeps: ({ search: { open: _, ...shaping } }) => shaping,
  loader: ({ context, deps }) => void context.client.prefetchInfiniteQuery(alertsQuery(deps)),
  component: lazyRouteComponent(() => import('@/features/alerts/AlertsPage')),
});

const tree = root.addChildren([login, app.addChildren([shift, alerts])]);

/** The application's routes over one cache of what the server said. */
export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: RouteError,
  });
}
