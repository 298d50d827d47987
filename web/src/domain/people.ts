import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import type { Choice } from '@/ui/Combobox';

export type Member = components['schemas']['services__api__users__schemas__MemberRead'];

/** More people than this are found by their id alone. */
const MOST = 500;
const PAGE = 100;

/** Everybody in the organizations of who asks, once for each. */
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => {
    const people: Member[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE, ...(cursor && { cursor }) };
      const page = await read(api.GET('/api/v1/users', { params: { query }, signal }));
      people.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor && people.length < MOST);
    return people;
  },
  staleTime: 60_000,
});

/** One person, also who left. */
const personQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', id],
    queryFn: ({ signal }) => read(api.GET('/api/v1/users/{user_id}', { params: { path: { user_id: id } }, signal })),
    staleTime: 300_000,
    retry: false,
  });

/** What somebody is called; their id where that cannot be found out, null of nobody. */
export function usePerson(id: string | null | undefined): string | null {
  const people = useQuery({ ...peopleQuery, enabled: Boolean(id) });
  const listed = people.data?.find((one) => one.id === id)?.name;
  const alone = useQuery({
    ...personQuery(id ?? ''),
    enabled: Boolean(id) && people.isFetched && listed === undefined,
  });
  if (!id) return null;
  return listed ?? alone.data?.name ?? (alone.isError ? id : '…');
}

/** Whom an organization's work can be given to, as a Combobox has them. */
export function usePeopleOf(organizationId: string): Choice[] {
  const { data = [] } = useQuery(peopleQuery);
  return data
    .filter((one) => one.organization_id === organizationId && !one.disabled_at)
    .map((one) => ({ value: one.id, label: one.name, hint: one.role }));
}
