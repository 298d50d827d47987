import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { PATHS } from '@/app/paths';
import { useZones } from '@/domain/zones';
import { changeLook } from '@/lib/look';
import type { Group } from './matching';
import type { Groups } from './places';

/** What can be done from every page: go somewhere, and change how things look. */
export function useGeneral(groups: Groups, onHelp: () => void): Group[] {
  const navigate = useNavigate();
  const zones = useZones();
  return useMemo(() => {
    const places = groups.flatMap(([group, some]) =>
      some.map(({ path, search, title, nav }) => ({
        id: `go ${path}`,
        label: title,
        hint: group,
        keys: nav.go ? ['G', nav.go.toUpperCase()] : undefined,
        run: () => void navigate({ to: path, search }),
      })),
    );
    const settings = { id: 'go settings', label: 'Settings', run: () => void navigate({ to: PATHS.settings }) };
    const looks = [
      { id: 'help', label: 'Keyboard shortcuts', keys: ['?'], run: onHelp },
      ...(['dark', 'light', 'system'] as const).map((theme) => ({
        id: `theme ${theme}`,
        label: theme === 'system' ? 'Theme as the system has it' : `Theme: ${theme}`,
        run: () => changeLook({ theme }),
      })),
      ...(['compact', 'default', 'comfortable'] as const).map((density) => ({
        id: `density ${density}`,
        label: `Rows: ${density}`,
        run: () => changeLook({ density }),
      })),
      ...zones.map(([zone, label]) => ({
        id: `zone ${zone}`,
        label: `Times in ${label}`,
        run: () => changeLook({ zone }),
      })),
    ];
    return [
      { value: 'Go to', items: [...places, settings] },
      { value: 'Looks and help', items: looks },
    ];
  }, [groups, navigate, onHelp, zones]);
}
