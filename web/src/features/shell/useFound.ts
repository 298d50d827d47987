import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, read } from '@/api/client';
import { PATHS } from '@/app/paths';
import { useMay } from '@/domain/session';
import { severityLabel } from '@/domain/severities';
import { type AlertStatus, statusLabel } from '@/domain/statuses';
import { words } from '@/lib/format';
import { useRested } from '@/lib/useRested';
import { type Group, incidentQuery } from './matching';

const LEAST = 2;
const MOST = 5;

const alertsQuery = (text: string) =>
  queryOptions({
    queryKey: ['shell', 'found', 'alerts', text],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/alerts', { params: { query: { query: text, limit: MOST } }, signal })),
    placeholderData: keepPreviousData,
    // What is being typed need not be a query yet.
    retry: false,
  });

const incidentsQuery = (text: string) =>
  queryOptions({
    queryKey: ['shell', 'found', 'incidents', text],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incidents', { params: { query: { query: incidentQuery(text), limit: MOST } }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** Alerts and incidents that a text finds, a moment after it was typed, and the ways to all of them. */
export function useFound(text: string): { groups: Group[]; busy: boolean } {
  const navigate = useNavigate();
  const wanted = useRested(text.trim());
  const enough = wanted.length >= LEAST || /^\d$/.test(wanted);
  const [alerts, incidents] = [useMay('alerts:read'), useMay('incidents:read')];
  const some = useQuery({ ...alertsQuery(wanted), enabled: enough && alerts });
  const cases = useQuery({ ...incidentsQuery(wanted), enabled: enough && incidents });
  if (!enough || text.trim().length === 0) return { groups: [], busy: false };
  const search = [
    alerts && {
      id: 'search alerts',
      label: `Search alerts for “${text.trim()}”`,
      run: () => void navigate({ to: PATHS.alerts, search: { query: text.trim() } }),
    },
    incidents && {
      id: 'search incidents',
      label: `Search incidents for “${text.trim()}”`,
      run: () => void navigate({ to: PATHS.incidents, search: { query: incidentQuery(text) } }),
    },
  ].filter((one) => one !== false);
  const groups = [
    {
      value: 'Incidents',
      items: (cases.isError ? [] : (cases.data?.items ?? [])).map((one) => ({
        id: one.id,
        label: `#${one.number} ${one.title}`,
        hint: `${severityLabel(one.severity)} · ${words(one.status)}`,
        run: () => void navigate({ to: PATHS.incident, params: { incidentId: one.id } }),
      })),
    },
    {
      value: 'Alerts',
      items: (some.isError ? [] : (some.data?.items ?? [])).map((one) => ({
        id: one.id,
        label: one.title,
        hint: `${severityLabel(one.severity)} · ${statusLabel(one.status as AlertStatus)}`,
        run: () => void navigate({ to: PATHS.alert, params: { alertId: one.id } }),
      })),
    },
    { value: 'Search', items: search },
  ];
  return { groups: groups.filter((one) => one.items.length > 0), busy: some.isFetching || cases.isFetching };
}
