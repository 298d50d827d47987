import { Link, useLocation } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { useSession } from '@/domain/session';
import { Age } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { Banner } from '@/ui/Banner';
import s from './Notices.module.css';
import { useReachable } from './reachable';

const SOON_MS = 10 * 60_000;

/** What concerns every page: that the server is away, and that the session is about to end. */
export function Notices() {
  const reachable = useReachable();
  const { expires_at } = useSession();
  const { href } = useLocation();
  const left = Date.parse(expires_at) - useNow(10_000);
  return (
    <div className={s.notices}>
      {!reachable && (
        <Banner tone="danger">
          The server cannot be reached. What you see is what was last heard; it is asked again every few seconds.
        </Banner>
      )}
      {left < SOON_MS && (
        <Banner
          tone="warning"
          action={
            <Link to={PATHS.login} search={{ next: href }} className="u-link">
              Sign in again
            </Link>
          }
        >
          Your session ends <Age at={expires_at} />: save what you are writing.
        </Banner>
      )}
    </div>
  );
}
