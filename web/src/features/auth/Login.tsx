import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { methodsQuery, sessionQuery, signIn } from '@/api/session';
import { PATHS, safeNext } from '@/app/paths';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Mark } from '@/ui/Mark';
import s from './Login.module.css';

const route = getRouteApi(PATHS.login);

/** Signing in: with a password and, where one is set up, a code; or with the organization's identity provider. */
export default function Login() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const methods = useQuery(methodsQuery);
  const [asksCode, setAsksCode] = useState(false);
  const signing = useMutation({
    mutationFn: signIn,
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: safeNext(next), replace: true });
    },
    onError: (error) => setAsksCode((asked) => asked || asApiError(error).code === 'totp_required'),
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const code = String(given.get('code') ?? '').trim();
    signing.mutate({
      email: String(given.get('email')).trim(),
      password: String(given.get('password')),
      code: code || undefined,
    });
  }

  const failed = signing.error && asApiError(signing.error);
  return (
    <main className={s.page}>
      <form className={s.form} onSubmit={submit} aria-labelledby="sign-in">
        <Mark size={32} />
        <h1 id="sign-in" className={s.title}>
          Sign in to EventSec
        </h1>
        {failed && failed.code !== 'totp_required' && <Banner tone="danger">{failed.message}</Banner>}
        {methods.data?.oidc && (
          <a className={s.provider} href={`/api/v1/auth/oidc/login?next=${encodeURIComponent(safeNext(next))}`}>
            Sign in with {methods.data.oidc}
          </a>
        )}
        {methods.data?.password !== false && (
          <>
            <TextField label="E-mail address" name="email" type="email" autoComplete="username" required autoFocus />
            <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
            {asksCode && (
              <TextField
                label="Code"
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                help="Of your authenticator app, or one of your recovery codes."
                required
                autoFocus
              />
            )}
            <Button type="submit" variant="primary" size="lg" busy={signing.isPending}>
              Sign in
            </Button>
          </>
        )}
      </form>
    </main>
  );
}
