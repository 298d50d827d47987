import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { toggled } from '@/domain/list/search';
import { useFirstView } from '@/domain/list/useFirstView';
import type { ViewContent } from '@/domain/list/views';
import { useSession } from '@/domain/session';
import { useZoneLabel } from '@/domain/Time';
import { columnsIn } from './columns';
import type { Incident } from './queries';
import { chosenIn, type IncidentSearch } from './search';
import { searchOfView, VIEWS } from './views';

const route = getRouteApi('/app/incidents');

/** What the URL says is shown, and what changes that. */
export function useShown() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { layout, ...listed } = search;
  const to = useCallback((next: IncidentSearch) => void navigate({ search: next }), [navigate]);
  const openView = useCallback(
    (key: string, content: ViewContent) => to({ ...searchOfView(key, content), layout }),
    [to, layout],
  );
  const said = Object.values(listed).some((one) => one !== undefined);
  useFirstView({ kind: 'incident', builtIn: VIEWS, said, onOpen: openView });
  const change = (patch: Partial<IncidentSearch>) => to({ ...search, ...patch });
  return {
    search,
    to,
    change,
    openView,
    open: useCallback(
      (row: Incident) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: row.id } }),
      [navigate],
    ),
    filter: ({ field, value }: CellValue, out: boolean) =>
      change({ chosen: toggled(chosenIn(search), out ? `-${field}` : field, value) }),
    turn: () => change({ layout: layout === 'board' ? undefined : 'board' }),
  };
}

export type Shown = ReturnType<typeof useShown>;

/** Whose it is stands in a column of its own for who works for several. */
export function useColumns() {
  const zone = useZoneLabel();
  const { memberships } = useSession();
  return useMemo(() => {
    const names = new Map(memberships.map((one) => [one.organization_id, one.organization]));
    return columnsIn(zone, names.size > 1 ? (id) => names.get(id) ?? '' : undefined);
  }, [zone, memberships]);
}
