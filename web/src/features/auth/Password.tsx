import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router';
import { sessionQuery, signOut } from '@/api/session';
import { PATHS, safeNext } from '@/app/paths';
import { PasswordForm } from '@/domain/PasswordForm';
import { Button } from '@/ui/Button';
import { say } from '@/ui/toast';
import { Card } from './Card';

const route = getRouteApi(PATHS.password);

/** For who was given a password by somebody else: nothing can be done before it is another. */
export default function Password() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const { history } = useRouter();
  const client = useQueryClient();
  async function leave() {
    await signOut();
    client.setQueryData(sessionQuery.queryKey, null);
    await navigate({ to: PATHS.login, search: {} });
  }
  return (
    <Card title="Choose a password of your own">
      <p className="u-muted">The one you signed in with was given to you, and is known to somebody else.</p>
      <PasswordForm
        onDone={() => {
          say({ title: 'Password changed' });
          history.replace(safeNext(next));
        }}
      />
      <Button variant="ghost" onClick={() => void leave()}>
        Sign out
      </Button>
    </Card>
  );
}
