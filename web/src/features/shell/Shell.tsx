import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { may, type Permission, sessionQuery, signOut } from '@/api/session';
import { navigation, titleOf } from '@/app/navigation';
import { PATHS } from '@/app/paths';
import { useSession } from '@/domain/session';
import { changeLook, type Look, useLook } from '@/lib/look';
import { Avatar } from '@/ui/Avatar';
import { IconButton } from '@/ui/Button';
import { Mark } from '@/ui/Mark';
import { State } from '@/ui/State';
import { Toasts } from '@/ui/Toasts';
import { Navigation } from './Navigation';
import s from './Shell.module.css';

const THEMES = { system: Monitor, dark: Moon, light: Sun };
const NEXT: Record<Look['theme'], Look['theme']> = { system: 'dark', dark: 'light', light: 'system' };

/** What stands around every page of who is signed in. */
export default function Shell() {
  const session = useSession();
  const router = useRouter();
  const title = titleOf(router.state.matches);
  const permission = router.state.matches.findLast((match) => match.staticData.about)?.staticData.about?.permission;
  useEffect(() => {
    document.title = title ? `${title} · EventSec` : 'EventSec';
  }, [title]);
  return (
    <div className={s.shell}>
      <a className={s.skip} href="#main">
        Skip to the page
      </a>
      <nav className={s.nav} aria-label="Main">
        <div className={s.brand}>
          <Mark size={18} />
          EventSec
        </div>
        <div className={s.places}>
          <Navigation groups={navigation(router, session)} />
        </div>
        <div className={s.foot}>
          <Avatar name={session.user.name} me />
          <span className={s.who}>
            <strong>{session.user.name}</strong>
            {session.memberships[0]?.organization}
          </span>
          <Link to={PATHS.settings} className={s.settings} aria-label="Settings" title="Settings">
            <Settings size={13} aria-hidden="true" />
          </Link>
          <ThemeButton />
          <SignOutButton />
        </div>
      </nav>
      <main className={s.main} id="main" tabIndex={-1}>
        {permission && !may(session, permission) ? <Forbidden permission={permission} /> : <Outlet />}
      </main>
      <Toasts />
    </div>
  );
}

function Forbidden({ permission }: { permission: Permission }) {
  return (
    <State title="You may not see this" detail={permission}>
      Your role in none of your organizations allows it. Who administers yours can change that.
    </State>
  );
}

function ThemeButton() {
  const { theme } = useLook();
  const Icon = THEMES[theme];
  return (
    <IconButton size="sm" label={`Theme: ${theme}`} onClick={() => changeLook({ theme: NEXT[theme] })}>
      <Icon size={13} aria-hidden="true" />
    </IconButton>
  );
}

function SignOutButton() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, null);
      await navigate({ to: PATHS.login, search: {} });
    },
  });
  return (
    <IconButton size="sm" label="Sign out" busy={leaving.isPending} onClick={() => leaving.mutate()}>
      <LogOut size={13} aria-hidden="true" />
    </IconButton>
  );
}
