import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { may, type Permission, type Session, sessionQuery } from '@/api/session';
import { navigation, titleOf } from '@/app/navigation';
import type { Range } from '@/domain/list/range';
import { useHotkeys } from '@/lib/hotkeys';
import { useAhead } from '@/lib/idle';
import { Coming } from '@/ui/Coming';
import { Kbd } from '@/ui/Kbd';
import { Mark } from '@/ui/Mark';
import { State } from '@/ui/State';
import { useCounts } from './counts';
import { Jump } from './Jump';
import { Me } from './Me';
import { Navigation } from './Navigation';
import { Notices } from './Notices';
import { PhoneBar } from './PhoneBar';
import { type Groups, goKeys } from './places';
import s from './Shell.module.css';
import { rangeAt, takenTo } from './taken';
import { useGo } from './useGo';
import { usePaletteKey } from './usePaletteKey';

const loadPalette = () => import('./Palette');
const Palette = lazy(loadPalette);
const Toasts = lazy(async () => ({ default: (await import('@/ui/Toasts')).Toasts }));
const Help = lazy(() => import('./Help'));

/** What stands around every page of who is signed in. */
export default function Shell() {
  const { data: session } = useQuery(sessionQuery);
  // Whose session has ended is on the way to the sign-in page.
  return session ? <Around session={session} /> : null;
}

function Around({ session }: { session: Session }) {
  const [open, setOpen] = useState<'palette' | 'help' | undefined>();
  const groups = useWays(session);
  const counts = useCounts();
  const waits = useGo(useMemo(() => goKeys(groups), [groups]));
  const typed = useRef('');
  const keep = useCallback((character: string) => {
    typed.current += character;
  }, []);
  const help = () => setOpen('help');
  const jump = () => {
    typed.current = '';
    setOpen('palette');
  };
  const leave = () => setOpen(undefined);
  useHotkeys({ '?': help });
  usePaletteKey(jump);
  useAhead(loadPalette);
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
        <Jump onOpen={jump} />
        <div className={s.places}>
          <Navigation groups={groups} counts={counts} />
        </div>
        <Me onShortcuts={help} />
      </nav>
      <div className={s.page}>
        <Notices />
        <main className={s.main} id="main" tabIndex={-1}>
          <Body session={session} />
        </main>
      </div>
      <PhoneBar groups={groups} counts={counts} onJump={jump} onShortcuts={help} />
      {waits && (
        <p className={s.waits} role="status">
          <Kbd>G</Kbd> then a place’s letter
        </p>
      )}
      <Suspense>
        <Toasts />
      </Suspense>
      <Suspense fallback={<Coming onText={keep} />}>
        {open === 'palette' && <Palette groups={groups} typed={typed} onHelp={help} onLeave={leave} />}
        {open === 'help' && <Help groups={groups} onLeave={leave} />}
      </Suspense>
    </div>
  );
}

/** The places that are open to this person, and what is taken along to each. */
function useWays(session: Session): Groups {
  const router = useRouter();
  const { pathname, search } = useLocation();
  const [range, setRange] = useState<Range>({});
  const now = rangeAt(pathname, search, range);
  if (JSON.stringify(now) !== JSON.stringify(range)) setRange(now);
  const places = useMemo(() => navigation(router, session), [router, session]);
  return useMemo(
    () =>
      places.map(([group, some]) => [
        group,
        some.map((place) => ({ ...place, search: takenTo(place.path, pathname, range) })),
      ]),
    [places, pathname, range],
  );
}

function Body({ session }: { session: Session }) {
  const about = useRouterState({
    select: ({ matches }) => ({
      title: titleOf(matches),
      permission: matches.findLast((match) => match.staticData.about)?.staticData.about?.permission,
    }),
    structuralSharing: true,
  });
  useEffect(() => {
    document.title = about.title ? `${about.title} · EventSec` : 'EventSec';
  }, [about.title]);
  const { permission } = about;
  return permission && !may(session, permission) ? <Forbidden permission={permission} /> : <Outlet />;
}

function Forbidden({ permission }: { permission: Permission }) {
  return (
    <State title="You may not see this" detail={permission}>
      Your role in none of your organizations allows it. Who administers yours can change that.
    </State>
  );
}
