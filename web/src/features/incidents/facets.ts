import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { IncidentStatus } from '@/domain/incident';
import type { FacetValue } from '@/domain/list/Facets';
import { quoted } from '@/lib/query';
import { EVERY } from './queries';
import { type Asked, asked, type IncidentSearch, STATUSES } from './search';

export type FacetField = NonNullable<
  NonNullable<paths['/api/v1/incidents/facets']['get']['parameters']['query']>['field']
>[number];

const FACETS: Record<FacetField, true> = {
  severity: true,
  status: true,
  verdict: true,
  assignee: true,
  tlp: true,
  tags: true,
  technique: true,
};

export const isFacet = (field: string): field is FacetField => field in FACETS;

type Facets = components['schemas']['IncidentFacetsRead'];

const count = (what: Asked, field: readonly FacetField[], signal: AbortSignal): Promise<Facets> =>
  read(api.GET('/api/v1/incidents/facets', { params: { query: { ...what, field: [...field] } }, signal }));

/** The most frequent values of these fields, each counted under all choices but its own. */
export const facetsQuery = (search: IncidentSearch, fields: readonly FacetField[]) =>
  queryOptions({
    queryKey: ['incidents', 'facets', asked(search), search.chosen, fields],
    queryFn: async ({ signal }) => {
      // Fields that nothing is chosen of are counted together.
      const groups = new Map<string, { what: Asked; fields: FacetField[] }>();
      for (const field of fields) {
        const what = asked(search, field);
        const group = groups.get(JSON.stringify(what)) ?? { what, fields: [] };
        group.fields.push(field);
        groups.set(JSON.stringify(what), group);
      }
      const counted = await Promise.all([...groups.values()].map((one) => count(one.what, one.fields, signal)));
      return inOrder(Object.assign({}, ...counted.map((one) => one.facets)) as Facets['facets']);
    },
    placeholderData: keepPreviousData,
    enabled: fields.length > 0,
  });

/** What has an order of its own is shown in it, and not the most frequent first. */
function inOrder({ severity, status, ...others }: Facets['facets']): Facets['facets'] {
  const place = ({ value }: FacetValue) => STATUSES.indexOf(value as IncidentStatus);
  return {
    ...others,
    ...(severity && { severity: severity.toSorted((one, other) => Number(other.value) - Number(one.value)) }),
    ...(status && { status: status.toSorted((one, other) => place(one) - place(other)) }),
  };
}

/** Values of a field that begin so. */
export async function valuesOf(field: string, begun: string, signal: AbortSignal): Promise<FacetValue[]> {
  if (!isFacet(field)) return [];
  const query = begun === '' ? undefined : `${field}:${quoted(begun).slice(0, -1)}*"`;
  const { facets } = await count({ ...EVERY, ...(query && { query }) }, [field], signal);
  // One incident may have several values, of which others begin otherwise.
  return (facets[field] ?? []).filter(({ value }) => String(value).toLowerCase().startsWith(begun.toLowerCase()));
}
