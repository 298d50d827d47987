import { AskedIn } from '@/features/auth/AskedIn';
import { Login } from '@/features/auth/Login';
import { PATHS, safeNext } from './paths';

interface Props {
  /** Where it is, as `doorAt` says it. */
  href: string;
  onGo: (to: string, how?: 'replace') => void;
}

/** What is shown to who is not in. It needs neither the routes nor what they bring. */
export function Entrance({ href, onGo }: Props) {
  const { pathname, searchParams, hash } = new URL(href, window.location.origin);
  if (pathname === PATHS.invitation) return <AskedIn hash={hash} onSignIn={onGo} />;
  const next = searchParams.get('next') ?? undefined;
  return (
    <Login
      next={next}
      error={searchParams.get('error') ?? undefined}
      onSignedIn={() => onGo(safeNext(next), 'replace')}
    />
  );
}
