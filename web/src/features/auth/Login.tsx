import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { hasEnded, methodsQuery, sessionQuery, signIn } from '@/api/session';
import { safeNext } from '@/app/paths';
import { useRetryIn } from '@/domain/useRetryIn';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Card } from './Card';
import s from './Card.module.css';
import { refusal } from './refusals';

interface Props {
  /** Where the person was on the way to. */
  next: string | undefined;
  /** What the identity provider's way back says. */
  error: string | undefined;
  onSignedIn: () => void;
}

/** Signing in: with a password and, where one is set up, a code; or with the organization's identity provider. */
export function Login({ next, error, onSignedIn }: Props) {
  const methods = useQuery(methodsQuery);
  const back = encodeURIComponent(safeNext(next));
  return (
    <Card title="Sign in to EventSec">
      {error && <Banner tone={error === 'oidc_no_logout' ? 'warning' : 'danger'}>{refusal(error)}</Banner>}
      {!error && hasEnded() && <Banner>Your session has ended. Sign in, and you are back where you were.</Banner>}
      {methods.data?.oidc && (
        <a className={s.provider} href={`/api/v1/auth/oidc/login?return_to=${back}`}>
          Sign in with {methods.data.oidc}
        </a>
      )}
      {methods.data?.oidc && methods.data.password && <p className={s.or}>or</p>}
      {methods.data?.password !== false && <PasswordSignIn onSignedIn={onSignedIn} />}
    </Card>
  );
}

function PasswordSignIn({ onSignedIn }: Pick<Props, 'onSignedIn'>) {
  const client = useQueryClient();
  const [asksCode, setAsksCode] = useState(false);
  const signing = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      // Whoever was here before may be somebody else: nobody is shown what was asked for by another.
      client.removeQueries({ predicate: ({ queryKey: [of] }) => of !== 'auth' });
      client.setQueryData(sessionQuery.queryKey, session);
      onSignedIn();
    },
    onError: (error) => setAsksCode((asked) => asked || asApiError(error).code === 'totp_required'),
  });
  const wait = useRetryIn(signing.error, signing.submittedAt);

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

  return (
    <form className={s.form} onSubmit={submit} aria-label="Sign in">
      <Refused error={signing.error} wait={wait} />
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
      <Button type="submit" variant="primary" size="lg" busy={signing.isPending} disabled={wait > 0}>
        {wait > 0 ? `Wait ${wait} s` : 'Sign in'}
      </Button>
    </form>
  );
}

function Refused({ error, wait }: { error: unknown; wait: number }) {
  if (!error) return null;
  const { code, message } = asApiError(error);
  if (code === 'totp_required') return null;
  if (code !== 'too_many_logins') return <Banner tone="danger">{message}</Banner>;
  return (
    <Banner tone="danger">
      Too many sign-ins have failed. {/* Each second would be read out. */}
      <span aria-hidden="true">{wait > 0 ? `Try again in ${wait}\u00a0s.` : 'Try again now.'}</span>
    </Banner>
  );
}
