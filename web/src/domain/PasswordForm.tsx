import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { changePassword, sessionQuery } from '@/api/session';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Row, Stack } from '@/ui/Page';
import { Switch } from '@/ui/Switch';
import { useRetryIn } from './useRetryIn';

const LEAST = 12;
const MOST = 256;

/** Another password for who is signed in. All other sessions end with it. */
export function PasswordForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [differs, setDiffers] = useState(false);
  const changing = useMutation({
    mutationFn: changePassword,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
  const wait = useRetryIn(changing.error, changing.submittedAt);
  const failed = changing.error ? asApiError(changing.error) : undefined;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [current, next, again] = ['current', 'next', 'again'].map((name) => String(given.get(name) ?? ''));
    setDiffers(next !== again);
    if (current === undefined || next === undefined || next !== again) return;
    changing.mutate({ current, next, endTokens: given.has('tokens') });
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        {failed && !['bad_credentials', 'same_password'].includes(failed.code) && (
          <Banner tone="danger">{wait > 0 ? `Too many wrong passwords: wait ${wait} s.` : failed.message}</Banner>
        )}
        <TextField
          label="Password now"
          name="current"
          type="password"
          autoComplete="current-password"
          required
          error={failed?.code === 'bad_credentials' ? 'This is not your password.' : undefined}
        />
        <TextField
          label="New password"
          name="next"
          type="password"
          autoComplete="new-password"
          minLength={LEAST}
          maxLength={MOST}
          required
          help={`${LEAST} characters or more; a few words are good.`}
          error={failed?.code === 'same_password' ? 'This is the password you have now.' : undefined}
        />
        <TextField
          label="New password again"
          name="again"
          type="password"
          autoComplete="new-password"
          required
          error={differs ? 'The two are not the same.' : undefined}
        />
        <Switch label="End my API tokens too" name="tokens" help="Do this if somebody else may know the password." />
        <Row>
          <Button type="submit" variant="primary" busy={changing.isPending} disabled={wait > 0}>
            Change password
          </Button>
          <span className="u-subtle">You are signed out everywhere else.</span>
        </Row>
      </Stack>
    </form>
  );
}
