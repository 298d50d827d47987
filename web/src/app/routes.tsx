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
import {
  type AuditSearch,
  type OrganizationSearch,
  parseAudit,
  parseOrganization,
  parseTemplates,
  parseUsers,
  type Raw,
  type TemplatesSearch,
  type UsersSearch,
} from '@/features/admin/search';
import { type AlertPageSearch, parseAlertPage } from '@/features/alerts/page/search';
import { alertsQuery } from '@/features/alerts/queries';
import { type AlertSearch, parseSearch } from '@/features/alerts/search';
import { type ExplorerSearch, parseSearch as parseExplorer } from '@/features/explorer/search';
import { type IncidentSearch, parseIncidentSearch } from '@/features/incident/search';
import {
  type IncidentSearch as IncidentsSearch,
  parseSearch as parseIncidentsSearch,
} from '@/features/incidents/search';
import { type JobSearch, parseSearch as parseJob } from '@/features/jobs/search';
import { type NotificationsSearch, parseNotifications } from '@/features/notifications/search';
import { parseSearch as parseQuarantine, type QuarantineSearch } from '@/features/quarantine/search';
import { parseRules, type RulesSearch } from '@/features/rules/search';
import { parseSearch as parseSensor, type SensorSearch } from '@/features/sensors/search';
import { parseSearch as parseSettings } from '@/features/settings/search';
import { parseSearch as parseShift } from '@/features/shift/search';
import {
  parseSuppression,
  parseSuppressions,
  type SuppressionSearch,
  type SuppressionsSearch,
} from '@/features/suppressions/search';
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
  validateSearch: (
    search: { next?: unknown; error?: unknown } & SearchSchemaInput,
  ): { next?: string | undefined; error?: string | undefined } => ({
    next: text(search.next),
    error: text(search.error),
  }),
  component: lazyRouteComponent(() => import('@/features/auth/LoginPage')),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: PATHS.signIn,
  staticData: { about: { title: 'Sign in' } },
  beforeLoad: ({ search }) => {
    throw redirect({ to: PATHS.login, search: { error: text((search as { error?: unknown }).error) } });
  },
});

const password = createRoute({
  getParentRoute: () => root,
  path: PATHS.password,
  staticData: { about: { title: 'Choose a password' } },
  validateSearch: (search: { next?: unknown } & SearchSchemaInput): { next?: string | undefined } => ({
    next: text(search.next),
  }),
  beforeLoad: async ({ context, search }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: PATHS.login, search });
  },
  component: lazyRouteComponent(() => import('@/features/auth/Password')),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: PATHS.invitation,
  staticData: { about: { title: 'Join an organization' } },
  loader: ({ context }) => context.client.ensureQueryData(sessionQuery),
  component: lazyRouteComponent(() => import('@/features/auth/Invitation')),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: PATHS.login, search: { next: location.href } });
    // The API refuses all else until then.
    if (session.must_change_password) throw redirect({ to: PATHS.password, search: { next: location.href } });
    return { session };
  },
  // What somebody may not see is not asked for.
  errorComponent: RouteError,
  component: lazyRouteComponent(() => import('@/features/shell/Shell')),
});

const shift = createRoute({
  getParentRoute: () => app,
  path: PATHS.shift,
  staticData: { about: { title: 'Shift', nav: { icon: 'shift', group: 'Work', go: 'd' } } },
  validateSearch: (search: { days?: unknown } & SearchSchemaInput) => parseShift(search),
  component: lazyRouteComponent(() => import('@/features/shift/ShiftPage')),
});

const alerts = createRoute({
  getParentRoute: () => app,
  path: PATHS.alerts,
  staticData: {
    about: { title: 'Alerts', nav: { icon: 'alerts', group: 'Work', go: 'a' }, permission: 'alerts:read' },
  },
  // `status` is of links that ask for nothing else.
  validateSearch: (search: { [Name in keyof AlertSearch | 'status']?: unknown } & SearchSchemaInput) =>
    parseSearch(search),
  // Which alert is previewed is no other list.
  loaderDeps: ({ search: { open: _, view: __, columns: ___, ...shaping } }) => shaping,
  loader: ({ context, deps }) => void context.client.prefetchInfiniteQuery(alertsQuery(deps)),
  component: lazyRouteComponent(() => import('@/features/alerts/AlertsPage')),
});

const alert = createRoute({
  getParentRoute: () => app,
  path: PATHS.alert,
  staticData: { about: { title: 'Alert', permission: 'alerts:read' } },
  validateSearch: (search: { [Name in keyof AlertPageSearch]?: unknown } & SearchSchemaInput) => parseAlertPage(search),
  component: lazyRouteComponent(() => import('@/features/alerts/AlertPage')),
});

const incidents = createRoute({
  getParentRoute: () => app,
  path: PATHS.incidents,
  staticData: {
    about: { title: 'Incidents', nav: { icon: 'incidents', group: 'Work', go: 'i' }, permission: 'incidents:read' },
  },
  validateSearch: (search: { [Name in keyof IncidentsSearch]?: unknown } & SearchSchemaInput) =>
    parseIncidentsSearch(search),
  component: lazyRouteComponent(() => import('@/features/incidents/IncidentsPage')),
});

const incident = createRoute({
  getParentRoute: () => app,
  path: PATHS.incident,
  staticData: { about: { title: 'Incident', permission: 'incidents:read' } },
  validateSearch: (search: { [Name in keyof IncidentSearch]?: unknown } & SearchSchemaInput) =>
    parseIncidentSearch(search),
  component: lazyRouteComponent(() => import('@/features/incident/IncidentPage')),
});

const explorer = createRoute({
  getParentRoute: () => app,
  path: PATHS.explorer,
  staticData: {
    about: { title: 'Explorer', nav: { icon: 'explorer', group: 'Work', go: 'e' }, permission: 'events:read' },
  },
  validateSearch: (search: Raw<ExplorerSearch> & SearchSchemaInput) => parseExplorer(search),
  component: lazyRouteComponent(() => import('@/features/explorer/ExplorerPage')),
});

const handovers = createRoute({
  getParentRoute: () => app,
  path: PATHS.handovers,
  staticData: {
    about: { title: 'Handovers', nav: { icon: 'handovers', group: 'Work', go: 'h' }, permission: 'alerts:read' },
  },
  component: lazyRouteComponent(() => import('@/features/handovers/HandoversPage')),
});

const handover = createRoute({
  getParentRoute: () => app,
  path: PATHS.handover,
  staticData: { about: { title: 'Handover', permission: 'alerts:read' } },
  component: lazyRouteComponent(() => import('@/features/handovers/HandoverPage')),
});

const sensors = createRoute({
  getParentRoute: () => app,
  path: PATHS.sensors,
  staticData: {
    about: { title: 'Sensors', nav: { icon: 'sensors', group: 'Detection', go: 's' }, permission: 'sensors:read' },
  },
  component: lazyRouteComponent(() => import('@/features/sensors/SensorsPage')),
});

const sensor = createRoute({
  getParentRoute: () => app,
  path: PATHS.sensor,
  staticData: { about: { title: 'Sensor', permission: 'sensors:read' } },
  validateSearch: (search: { [Name in keyof SensorSearch]?: unknown } & SearchSchemaInput) => parseSensor(search),
  component: lazyRouteComponent(() => import('@/features/sensors/SensorPage')),
});

const rules = createRoute({
  getParentRoute: () => app,
  path: PATHS.rules,
  staticData: {
    about: { title: 'Rules', nav: { icon: 'rules', group: 'Detection', go: 'r' }, permission: 'rules:read' },
  },
  validateSearch: (search: { [Name in keyof RulesSearch]?: unknown } & SearchSchemaInput) => parseRules(search),
  component: lazyRouteComponent(() => import('@/features/rules/RulesPage')),
});

const suppressions = createRoute({
  getParentRoute: () => app,
  path: PATHS.suppressions,
  staticData: {
    about: {
      title: 'Suppressions',
      nav: { icon: 'suppressions', group: 'Detection', go: 'u' },
      permission: 'suppressions:read',
    },
  },
  validateSearch: (search: { [Name in keyof SuppressionsSearch]?: unknown } & SearchSchemaInput) =>
    parseSuppressions(search),
  component: lazyRouteComponent(() => import('@/features/suppressions/SuppressionsPage')),
});

const suppression = createRoute({
  getParentRoute: () => app,
  path: PATHS.suppression,
  staticData: { about: { title: 'Suppression', permission: 'suppressions:read' } },
  validateSearch: (search: { [Name in keyof SuppressionSearch]?: unknown } & SearchSchemaInput) =>
    parseSuppression(search),
  component: lazyRouteComponent(() => import('@/features/suppressions/SuppressionPage')),
});

const quarantine = createRoute({
  getParentRoute: () => app,
  path: PATHS.quarantine,
  staticData: {
    about: {
      title: 'Quarantine',
      nav: { icon: 'quarantine', group: 'Operations', go: 'q' },
      permission: 'quarantine:read',
    },
  },
  validateSearch: (search: { [Name in keyof QuarantineSearch]?: unknown } & SearchSchemaInput) =>
    parseQuarantine(search),
  component: lazyRouteComponent(() => import('@/features/quarantine/QuarantinePage')),
});

const receipts = createRoute({
  getParentRoute: () => app,
  path: PATHS.receipts,
  staticData: {
    about: { title: 'Receipts', nav: { icon: 'receipts', group: 'Operations', go: 'c' }, permission: 'receipts:read' },
  },
  component: lazyRouteComponent(() => import('@/features/receipts/ReceiptsPage')),
});

const receipt = createRoute({
  getParentRoute: () => app,
  path: PATHS.receipt,
  staticData: { about: { title: 'Receipt', permission: 'receipts:read' } },
  component: lazyRouteComponent(() => import('@/features/receipts/ReceiptPage')),
});

const jobs = createRoute({
  getParentRoute: () => app,
  path: PATHS.jobs,
  // One's own need no permission.
  staticData: { about: { title: 'Jobs', nav: { icon: 'jobs', group: 'Operations', go: 'j' } } },
  validateSearch: (search: { [Name in keyof JobSearch]?: unknown } & SearchSchemaInput) => parseJob(search),
  component: lazyRouteComponent(() => import('@/features/jobs/JobsPage')),
});

const status = createRoute({
  getParentRoute: () => app,
  path: PATHS.status,
  staticData: {
    about: { title: 'Status', nav: { icon: 'status', group: 'Operations', go: 't' }, permission: 'system:read' },
  },
  component: lazyRouteComponent(() => import('@/features/status/StatusPage')),
});

const notifications = createRoute({
  getParentRoute: () => app,
  path: PATHS.notifications,
  staticData: {
    about: {
      title: 'Notifications',
      nav: { icon: 'notifications', group: 'Administration', go: 'n' },
    },
  },
  // Everybody has routes of their own; what is an organization's is only shown to who looks after it.
  validateSearch: (search: { [Name in keyof NotificationsSearch]?: unknown } & SearchSchemaInput) =>
    parseNotifications(search),
  component: lazyRouteComponent(() => import('@/features/notifications/NotificationsPage')),
});

const users = createRoute({
  getParentRoute: () => app,
  path: PATHS.users,
  staticData: {
    about: { title: 'Users', nav: { icon: 'users', group: 'Administration', go: 'p' }, permission: 'users:read' },
  },
  validateSearch: (search: Raw<UsersSearch> & SearchSchemaInput) => parseUsers(search),
  component: lazyRouteComponent(() => import('@/features/admin/UsersPage')),
});

const tokens = createRoute({
  getParentRoute: () => app,
  path: PATHS.tokens,
  staticData: { about: { title: 'API tokens', nav: { icon: 'tokens', group: 'Administration' } } },
  component: lazyRouteComponent(() => import('@/features/admin/TokensPage')),
});

const organization = createRoute({
  getParentRoute: () => app,
  path: PATHS.organization,
  staticData: {
    about: {
      title: 'Organization',
      nav: { icon: 'organization', group: 'Administration', go: 'o' },
      permission: 'incidents:configure',
    },
  },
  validateSearch: (search: Raw<OrganizationSearch> & SearchSchemaInput) => parseOrganization(search),
  component: lazyRouteComponent(() => import('@/features/admin/OrganizationPage')),
});

const templates = createRoute({
  getParentRoute: () => app,
  path: PATHS.templates,
  staticData: {
    about: {
      title: 'Templates',
      nav: { icon: 'templates', group: 'Administration' },
      permission: 'incidents:configure',
    },
  },
  validateSearch: (search: Raw<TemplatesSearch> & SearchSchemaInput) => parseTemplates(search),
  component: lazyRouteComponent(() => import('@/features/admin/TemplatesPage')),
});

const audit = createRoute({
  getParentRoute: () => app,
  path: PATHS.audit,
  staticData: { about: { title: 'Audit', nav: { icon: 'audit', group: 'Administration' }, permission: 'audit:read' } },
  validateSearch: (search: Raw<AuditSearch> & SearchSchemaInput) => parseAudit(search),
  component: lazyRouteComponent(() => import('@/features/admin/AuditPage')),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: PATHS.settings,
  staticData: { about: { title: 'Settings' } },
  validateSearch: (search: { tab?: unknown } & SearchSchemaInput) => parseSettings(search),
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage')),
});

const design = createRoute({
  getParentRoute: () => app,
  path: PATHS.design,
  staticData: { about: { title: 'Design' } },
  component: lazyRouteComponent(() => import('@/features/design/DesignPage')),
});

// Inside of the shell, so that who is lost has the navigation.
const nowhere = createRoute({
  getParentRoute: () => app,
  path: '$',
  staticData: { about: { title: 'No such page' } },
  component: NotFound,
});

const tree = root.addChildren([
  login,
  signIn,
  password,
  invitation,
  app.addChildren([
    shift,
    alerts,
    alert,
    incidents,
    incident,
    explorer,
    handovers,
    handover,
    sensors,
    sensor,
    rules,
    suppressions,
    suppression,
    quarantine,
    receipts,
    receipt,
    jobs,
    status,
    notifications,
    users,
    tokens,
    organization,
    templates,
    audit,
    settings,
    design,
    nowhere,
  ]),
]);

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
