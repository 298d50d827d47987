import { getRouteApi, useRouter } from '@tanstack/react-router';
import { PATHS, safeNext } from '@/app/paths';
import { Login } from './Login';

const route = getRouteApi(PATHS.login);

/** Signing in again, for whose session ended while they were here. */
export default function LoginPage() {
  const { next, error } = route.useSearch();
  const { history } = useRouter();
  return <Login next={next} error={error} onSignedIn={() => history.replace(safeNext(next))} />;
}
