import { PATHS } from './paths';

type Where = Pick<Location, 'pathname' | 'search' | 'hash'>;

/** Where who is not signed in stands: at an invitation, or at the sign-in page, which leads back to where they were. */
export function doorAt({ pathname, search, hash }: Where): string {
  const path = pathname.replace(/(.)\/+$/, '$1');
  if (path === PATHS.login || path === PATHS.invitation) return path + search + hash;
  if (path === PATHS.signIn) return PATHS.login + search;
  const next = path === PATHS.password ? new URLSearchParams(search).get('next') : path + search + hash;
  return next ? `${PATHS.login}?${new URLSearchParams({ next })}` : PATHS.login;
}

/** True where whoever comes is asked to sign in. */
export const asksToSignIn = ({ pathname }: Where): boolean => /^\/(?:login|sign-in)\/*$/.test(pathname);
