import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import { asApiError } from '@/api/problem';
import { type Session, sessionQuery } from '@/api/session';
import { PATHS } from '@/app/paths';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { say } from '@/ui/toast';
import { AskedIn } from './AskedIn';
import { Card } from './Card';
import s from './Card.module.css';
import { forgetCode, takeCode } from './code';

/** Joining an organization by the code that its administrator handed over. */
export default function Invitation() {
  const { hash } = useLocation();
  const { history } = useRouter();
  const { data: session } = useQuery(sessionQuery);
  return session ? (
    <Accept session={session} hash={hash} />
  ) : (
    <AskedIn hash={hash} onSignIn={(to) => history.push(to)} />
  );
}

const ACCEPTED_NEVER = 'invitation_not_found';

function Accept({ session, hash }: { session: Session; hash: string }) {
  const [code] = useState(() => takeCode(hash));
  const client = useQueryClient();
  const navigate = useNavigate();
  const accepting = useMutation({
    mutationFn: (given: string) => api.POST('/api/v1/invitations/accept', { body: { code: given } }),
    onSuccess: async () => {
      forgetCode();
      await client.invalidateQueries();
      const after = client.getQueryData(sessionQuery.queryKey);
      const known = new Set(session.memberships.map((one) => one.organization_id));
      const joined = after?.memberships.find((one) => !known.has(one.organization_id));
      say({ title: joined ? `Joined ${joined.organization}` : 'Joined' });
      await navigate({ to: PATHS.shift, replace: true });
    },
  });
  const failed = accepting.error ? asApiError(accepting.error) : undefined;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    accepting.mutate(String(new FormData(event.currentTarget).get('code')).trim());
  }
  return (
    <Card title="Join an organization">
      <form className={s.form} onSubmit={submit}>
        <p className="u-muted">
          You are signed in as <strong className="u-strong">{session.user.email}</strong>. Until you accept, neither
          organization sees anything of the other.
        </p>
        {failed && failed.code !== ACCEPTED_NEVER && <Banner tone="danger">{failed.message}</Banner>}
        <TextField
          label="Code"
          name="code"
          defaultValue={code}
          required
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          help="It is good for a week, once, and for the invited e-mail address alone."
          error={
            failed?.code === ACCEPTED_NEVER
              ? 'No invitation of this address has this code, or it is too old, or was taken back.'
              : undefined
          }
        />
        <Button type="submit" variant="primary" size="lg" busy={accepting.isPending}>
          Join
        </Button>
        <Link to={PATHS.shift} className="u-link">
          Not now
        </Link>
      </form>
    </Card>
  );
}
