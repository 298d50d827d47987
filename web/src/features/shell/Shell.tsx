import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { LogOut, Monitor, Moon, Siren, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { sessionQuery, signOut } from '@/api/session';
import { navigation, titleOf } from '@/app/navigation';
import { PATHS } from '@/app/paths';
import { useSession } from '@/app/useSession';
import { applyLook, keptLook, type Look } from '@/lib/look';
import { Avatar } from '@/ui/Avatar';
import { IconButton } from '@/ui/Button';
import { Mark } from '@/ui/Mark';
import s from './Shell.module.css';

const ICONS = { alerts: Siren };
const THEMES = { system: Monitor, dark: Moon, light: Sun };
const NEXT: Record<Look['theme'], Look['theme']> = { system: 'dark', dark: 'light', light: 'system' };

/** What stands around every page of who is signed in. */
export default function Shell() {
  const session = useSession();
  const router = useRouter();
  const title = titleOf(router.state.matches);
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
        {navigation(router, session).map(({ path, title, icon }) => {
          const Icon = ICONS[icon];
          return (
            <Link key={path} to={path} className={s.link}>
              <Icon size={15} aria-hidden="true" />
              {title}
            </Link>
          );
        })}
        <div className={s.foot}>
          <Avatar name={session.user.name} me />
          <span className={s.who}>
            <strong>{session.user.name}</strong>
            {session.memberships[0]?.organization}
          </span>
          <ThemeButton />
          <SignOutButton />
        </div>
      </nav>
      <main className={s.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

function ThemeButton() {
  const [look, setLook] = useState(keptLook);
  const Icon = THEMES[look.theme];
  function change() {
    const next = { ...look, theme: NEXT[look.theme] };
    applyLook(next);
    setLook(next);
  }
  return (
    <IconButton size="sm" label={`Theme: ${look.theme}`} onClick={change}>
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
