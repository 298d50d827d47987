import { type MouseEvent, useState } from 'react';
import { PATHS } from '@/app/paths';
import { Card } from './Card';
import s from './Card.module.css';
import { takeCode } from './code';

const SIGN_IN = `${PATHS.login}?next=${encodeURIComponent(PATHS.invitation)}`;

/** An invitation, for who is not signed in. */
export function AskedIn({ hash, onSignIn }: { hash: string; onSignIn: (to: string) => void }) {
  // Signing in leads back here; the code is kept in memory until then.
  useState(() => takeCode(hash));
  function signIn(event: MouseEvent) {
    event.preventDefault();
    onSignIn(SIGN_IN);
  }
  return (
    <Card title="Join an organization">
      <p className="u-muted">You were asked in, and have an account already. Sign in with it to accept.</p>
      <a href={SIGN_IN} onClick={signIn} className={s.provider}>
        Sign in
      </a>
    </Card>
  );
}
