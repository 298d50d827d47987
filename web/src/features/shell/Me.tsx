import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, Keyboard, LogOut, Settings } from 'lucide-react';
import { asApiError } from '@/api/problem';
import { sessionQuery, signOut } from '@/api/session';
import { PATHS } from '@/app/paths';
import { usePreferences } from '@/domain/preferences';
import { useSession } from '@/domain/session';
import { useZones } from '@/domain/zones';
import { words } from '@/lib/format';
import { useLook } from '@/lib/look';
import { Avatar } from '@/ui/Avatar';
import { Popover } from '@/ui/Popover';
import { Segmented } from '@/ui/Segmented';
import { complain } from '@/ui/toast';
import s from './Me.module.css';

/** Who is signed in, where they belong, and how they like things to look. */
export function Me({ onShortcuts }: { onShortcuts: () => void }) {
  const { user, memberships } = useSession();
  const [first, ...others] = memberships;
  const where = others.length > 0 ? `${memberships.length} organizations` : first?.organization;
  const trigger = (
    <button type="button" className={s.me} aria-label={`${user.name}, ${where ?? 'no organization'}`}>
      <Avatar name={user.name} me />
      <span className={s.who}>
        <strong>{user.name}</strong>
        {where ?? 'No organization'}
      </span>
      <ChevronsUpDown size={13} aria-hidden="true" />
    </button>
  );
  return (
    <Popover title={user.name} trigger={trigger}>
      {(leave) => (
        <>
          <MeIn />
          <Looks />
          <div className={s.actions}>
            <Link to={PATHS.settings} className={s.action} onClick={leave}>
              <Settings size={14} aria-hidden="true" />
              Settings
            </Link>
            <button
              type="button"
              className={s.action}
              onClick={() => {
                leave();
                onShortcuts();
              }}
            >
              <Keyboard size={14} aria-hidden="true" />
              Keyboard shortcuts
            </button>
            <SignOut />
          </div>
        </>
      )}
    </Popover>
  );
}

function MeIn() {
  const { user, memberships } = useSession();
  return (
    <ul className={s.memberships}>
      <li>{user.email}</li>
      {memberships.map((one) => (
        <li key={one.organization_id}>
          {one.organization} · {words(one.role)}
        </li>
      ))}
    </ul>
  );
}

/** Theme, density and zone, which hold at once. */
function Looks() {
  const { theme, density, zone } = useLook();
  const choose = usePreferences();
  return (
    <div className={s.looks}>
      <Segmented
        label="Theme"
        value={theme}
        options={[
          ['system', 'System'],
          ['dark', 'Dark'],
          ['light', 'Light'],
        ]}
        onChange={(next) => choose({ theme: next })}
      />
      <Segmented
        label="Rows"
        value={density}
        options={[
          ['compact', 'Compact'],
          ['default', 'Default'],
          ['comfortable', 'Comfortable'],
        ]}
        onChange={(next) => choose({ density: next })}
      />
      <Segmented label="Times in" value={zone} options={useZones()} onChange={(next) => choose({ zone: next })} />
    </div>
  );
}

function SignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      client.setQueryData(sessionQuery.queryKey, null);
      await navigate({ to: PATHS.login, search: {} });
      // Nobody who signs in next sees what this person was shown.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
    },
    onError: (error) => complain({ title: 'You are not signed out', description: asApiError(error).message }),
  });
  return (
    <button type="button" className={s.action} disabled={leaving.isPending} onClick={() => leaving.mutate()}>
      <LogOut size={14} aria-hidden="true" />
      Sign out
    </button>
  );
}
