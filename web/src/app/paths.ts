/** The only place where a URL's pattern is written. */
export const PATHS = {
  login: '/login',
  /** Where the API sends a browser whose sign-in with the identity provider failed. */
  signIn: '/sign-in',
  password: '/password',
  invitation: '/invitation',
  shift: '/',
  alerts: '/alerts',
  alert: '/alerts/$alertId',
  incidents: '/incidents',
  incident: '/incidents/$incidentId',
  explorer: '/explorer',
  sensors: '/sensors',
  sensor: '/sensors/$sensorId',
  receipts: '/receipts',
  receipt: '/receipts/$receiptId',
  quarantine: '/quarantine',
  suppressions: '/suppressions',
  suppression: '/suppressions/$suppressionId',
  rules: '/rules',
  handovers: '/handovers',
  handover: '/handovers/$handoverId',
  jobs: '/jobs',
  notifications: '/notifications',
  status: '/status',
  users: '/admin/users',
  tokens: '/admin/tokens',
  organization: '/admin/organization',
  templates: '/admin/templates',
  audit: '/admin/audit',
  settings: '/settings',
  design: '/design',
} as const;

/** Any host stands for ours: what leads to another leads away from it too. */
const HERE = 'https://here.invalid';

/** Where to go after signing in: a path of ours, or home. What names another host is not followed. */
export function safeNext(next: string | undefined): string {
  // A browser leaves tabs and line ends out of an address, and takes \ for /: asked is what it would make of it.
  if (!next?.startsWith('/') || !URL.canParse(next, HERE)) return PATHS.shift;
  const { origin, pathname, search, hash } = new URL(next, HERE);
  return origin === HERE && !pathname.startsWith('//') ? pathname + search + hash : PATHS.shift;
}
