import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { sessionQuery } from '@/api/session';
import { Refused } from '@/domain/dialogs/Refused';
import { useSession } from '@/domain/session';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Row, Section, Stack } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import { say } from '@/ui/toast';
import { beginTotp, confirmTotp, removeTotp } from './queries';
import s from './SettingsPage.module.css';
import { SetUp } from './SetUp';

/** An authenticator app: set up, in use, or taken off again. */
export function Totp() {
  const { totp_enabled } = useSession();
  const client = useQueryClient();
  const [removes, setRemoves] = useState(false);
  const beginning = useMutation({ mutationFn: beginTotp });
  const confirming = useMutation({ mutationFn: confirmTotp });
  const codes = confirming.data?.codes;
  async function seen() {
    beginning.reset();
    confirming.reset();
    await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  }
  return (
    <Section
      title="Authenticator app"
      beside={<Tag tone={totp_enabled || codes ? 'success' : undefined}>{totp_enabled || codes ? 'On' : 'Off'}</Tag>}
      actions={totp_enabled && !codes && <Button onClick={() => setRemoves(true)}>Take it off…</Button>}
    >
      {codes ? (
        <Codes codes={codes} onSeen={() => void seen()} />
      ) : totp_enabled ? (
        <p className="u-muted">
          Signing in with your password asks for a code of your app, or one of your recovery codes.
        </p>
      ) : beginning.data ? (
        <SetUp
          begun={beginning.data}
          error={confirming.error}
          at={confirming.submittedAt}
          busy={confirming.isPending}
          onConfirm={confirming.mutate}
          onLeave={() => beginning.reset()}
        />
      ) : (
        <Stack>
          <Refused error={beginning.error} />
          <p className="u-muted">With one, a stolen password alone opens nothing.</p>
          <Row>
            <Button variant="primary" busy={beginning.isPending} onClick={() => beginning.mutate()}>
              Set up
            </Button>
          </Row>
        </Stack>
      )}
      {removes && <Remove onLeave={() => setRemoves(false)} />}
    </Section>
  );
}

function Codes({ codes, onSeen }: { codes: readonly string[]; onSeen: () => void }) {
  return (
    <Stack>
      <Banner tone="warning">
        These recovery codes are shown this once. Each stands in for one code of the app when you do not have it.
      </Banner>
      <ul className={s.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Row>
        <Button variant="primary" onClick={onSeen}>
          I have kept them
        </Button>
        <CopyButton text={codes.join('\n')} label="Copy the recovery codes" />
      </Row>
    </Stack>
  );
}

function Remove({ onLeave }: { onLeave: () => void }) {
  const client = useQueryClient();
  const removing = useMutation({
    mutationFn: removeTotp,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      say({ title: 'Authenticator app taken off' });
      onLeave();
    },
  });
  const wrong = removing.error && asApiError(removing.error).code === 'bad_credentials';
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    removing.mutate(String(new FormData(event.currentTarget).get('password')));
  }
  return (
    <Dialog
      title="Take the authenticator app off"
      description="From then on your password alone signs you in. The recovery codes are void."
      onLeave={onLeave}
    >
      <form onSubmit={submit}>
        <Stack>
          {!wrong && <Refused error={removing.error} />}
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            autoFocus
            error={wrong ? 'This is not your password.' : undefined}
          />
          <DialogActions>
            <Button onClick={onLeave}>Cancel</Button>
            <Button type="submit" variant="danger" busy={removing.isPending}>
              Take it off
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
  );
}
