/** The only place where a URL's pattern is written. */
export const PATHS = {
  login: '/login',
  shift: '/',
  alerts: '/alerts',
} as const;

/** Where to go after signing in: a path of ours, or home. What names another host is not followed. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return PATHS.shift;
  return next;
}
