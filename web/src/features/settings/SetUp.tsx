import type { FormEvent } from 'react';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { Refused } from '@/domain/dialogs/Refused';
import { useRetryIn } from '@/domain/useRetryIn';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { TextField } from '@/ui/Field';
import { KeyValue } from '@/ui/KeyValue';
import { Row } from '@/ui/Page';
import s from './SettingsPage.module.css';

interface Props {
  begun: components['schemas']['TotpBegun'];
  error: unknown;
  /** When what was refused was sent. */
  at: number;
  busy: boolean;
  onConfirm: (given: { code: string; password: string | null }) => void;
  onLeave: () => void;
}

/** The secret for the app, and a code that shows that the app has it. */
export function SetUp({ begun, error, at, busy, onConfirm, onLeave }: Props) {
  const wait = useRetryIn(error, at);
  const wrong = error ? asApiError(error).code === 'bad_credentials' : false;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    onConfirm({ code: String(given.get('code')).trim(), password: String(given.get('password')) || null });
  }
  return (
    <form className={s.form} onSubmit={submit}>
      <KeyValue
        facts={[
          [
            'Secret',
            <span key="secret" className={s.secret}>
              {begun.secret.replace(/(.{4})(?=.)/g, '$1 ')} <CopyButton text={begun.secret} label="Copy the secret" />
            </span>,
          ],
          [
            'Link',
            <span key="link">
              <a href={begun.uri} className="u-link">
                Open in an app of this device
              </a>{' '}
              <CopyButton text={begun.uri} label="Copy the link" />
            </span>,
          ],
        ]}
      />
      <p className="u-subtle">
        Add it to your authenticator app (by hand, time-based), then type the code that it shows.
      </p>
      {!wrong && <Refused error={error} />}
      <TextField
        label="Code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        minLength={6}
        maxLength={20}
        autoFocus
        error={wrong ? 'The code or the password is wrong.' : undefined}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        help="Leave it empty if you sign in with the identity provider."
      />
      <Row>
        <Button type="submit" variant="primary" busy={busy} disabled={wait > 0}>
          {wait > 0 ? `Wait ${wait} s` : 'Turn on'}
        </Button>
        <Button onClick={onLeave}>Cancel</Button>
      </Row>
    </form>
  );
}
