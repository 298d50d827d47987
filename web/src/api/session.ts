import { queryOptions } from '@tanstack/react-query';
import { changeLook, type Look, lookNow } from '@/lib/look';
import { api, keepCsrfToken, read } from './client';
import { ApiError } from './problem';
import type { components } from './schema';

export type Session = components['schemas']['SessionRead'];
export type Preferences = components['schemas']['Preferences'];
type ProfileUpdate = components['schemas']['ProfileUpdate'];
export type Permission = components['schemas']['Permission'];

/** Who is signed in; null where nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ client, queryKey, signal }): Promise<Session | null> => {
    try {
      const now = await read(api.GET('/api/v1/auth/session', { signal }));
      const before = client.getQueryData<Session | null>(queryKey);
      // Somebody else signed in beside this page: nobody is shown what was asked for by another.
      if (before && before.user.id !== now.user.id)
        void client.resetQueries({ predicate: (one) => one.queryKey[0] !== queryKey[0] });
      return keep(now);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return keep(null);
      throw error;
    }
  },
  staleTime: 60_000,
});

/** How people sign in here. */
export const methodsQuery = queryOptions({
  queryKey: ['auth', 'methods'],
  queryFn: ({ signal }) => read(api.GET('/api/v1/auth/methods', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export interface Credentials {
  email: string;
  password: string;
  code: string | undefined;
}

/** Raises ApiError: `bad_credentials`, `totp_required`, `too_many_logins`. */
export async function signIn({ email, password, code }: Credentials): Promise<Session | null> {
  return keep(await read(api.POST('/api/v1/auth/login', { body: { email, password, code: code ?? null } })));
}

export async function signOut(): Promise<void> {
  await api.POST('/api/v1/auth/logout');
  keep(null);
  had = false;
}

interface PasswordChange {
  current: string;
  next: string;
  endTokens: boolean;
}

/** Another password: all sessions end but the new one of this page. Raises ApiError: `bad_credentials`, `same_password`. */
export async function changePassword({ current, next, endTokens }: PasswordChange): Promise<Session> {
  const body = { current, new: next, end_tokens: endTokens };
  return keep(await read(api.POST('/api/v1/auth/password', { body })));
}

/** Another name or other preferences, of which only what is named changes. */
export const changeProfile = (body: ProfileUpdate) => read(api.PATCH('/api/v1/auth/profile', { body }));

let had = false;

/** True where a session of this page has ended without the person's doing. */
export const hasEnded = (): boolean => had;

/** True where some organization of the person's allows it. */
export function may(session: Session, permission: Permission): boolean {
  return session.memberships.some((one) => one.permissions.includes(permission));
}

function keep<S extends Session | null>(session: S): S {
  keepCsrfToken(session?.csrf_token);
  had ||= session !== null;
  if (session) show(session.preferences);
  return session;
}

/** What the person chose, here or in another browser; what they never chose stays as this one has it. */
function show({ theme, density, zone, shortcuts }: Preferences): void {
  const now = lookNow();
  const look: Look = {
    theme: theme ?? now.theme,
    density: density ?? now.density,
    zone: zone ?? now.zone,
    shortcuts: shortcuts ?? now.shortcuts,
  };
  if (JSON.stringify(look) !== JSON.stringify(now)) changeLook(look);
}
