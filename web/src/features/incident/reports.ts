import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { TLPS, tlpLabel } from '@/domain/tlps';
import type { Incident } from './queries';

/** For whom a version is made; empty is the whole, marked with the strictest of what is in it. */
export type Audience = Incident['tlp'] | '';

export const AUDIENCES: readonly (readonly [Audience, string])[] = [
  ['', 'Us: everything'],
  ...TLPS.toReversed().map((level) => [level, `Up to ${tlpLabel(level)}`] as const),
];

interface Wanted {
  format: 'html' | 'markdown';
  tlp: Audience;
  notes: boolean;
}

/** The report as a text. */
export async function reported(
  id: string,
  { format, tlp, notes }: Wanted,
  signal: AbortSignal | null = null,
): Promise<string> {
  const query = { format, notes, ...(tlp && { tlp }) };
  const params = { path: { incident_id: id }, query };
  return String(
    await read<unknown>(api.GET('/api/v1/incidents/{incident_id}/report', { params, parseAs: 'text', signal })),
  );
}

/** The report to be read here. Making one is entered in the audit, so it is not made anew by itself. */
export const reportQuery = (id: string, wanted: Omit<Wanted, 'format'>) =>
  queryOptions({
    queryKey: ['incident-reports', id, wanted],
    queryFn: ({ signal }) => reported(id, { ...wanted, format: 'markdown' }, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The incident as one document for programs. */
export async function exported(
  id: string,
  { format, tlp }: { format: 'ecs' | 'ocsf'; tlp: Audience },
): Promise<string> {
  const params = { path: { incident_id: id }, query: { format, ...(tlp && { tlp }) } };
  return String(await read<unknown>(api.GET('/api/v1/incidents/{incident_id}/export', { params, parseAs: 'text' })));
}
