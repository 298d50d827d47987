import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { useLook } from '@/lib/look';
import { ianaOf } from '@/lib/zone';
import { useMay, useSession } from './session';

const teamZoneQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ['team-zone', organizationId],
    queryFn: async ({ signal }) => {
      const params = { path: { organization_id: organizationId } };
      const { calendar } = await read(
        api.GET('/api/v1/organizations/{organization_id}/incident-policy', { params, signal }),
      );
      return typeof calendar?.zone === 'string' ? calendar.zone : null;
    },
    staleTime: 3_600_000,
    retry: false,
  });

type Zone = readonly [zone: string, label: string];

/** In what zones times can be told: UTC, the browser's, that of the team's calendar, and what was chosen besides. */
export function zonesOf(chosen: string, team: string | null | undefined): Zone[] {
  const zones: Zone[] = [
    ['utc', 'UTC'],
    ['local', `Local (${shortZone(ianaOf('local'))})`],
  ];
  if (team && team !== 'UTC') zones.push([team, `Team (${shortZone(team)})`]);
  if (!zones.some(([zone]) => zone === chosen)) zones.push([chosen, shortZone(chosen)]);
  return zones;
}

/** Europe/Isle_of_Man is called Isle of Man. */
export const shortZone = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

/** The same for who is signed in. */
export function useZones(): Zone[] {
  const { zone } = useLook();
  const organization = useSession().memberships[0]?.organization_id;
  const may = useMay('incidents:read');
  const team = useQuery({ ...teamZoneQuery(organization ?? ''), enabled: may && organization !== undefined });
  return zonesOf(zone, team.data);
}
