import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { closeReasonsQuery } from '@/domain/dialogs/queries';
import { complain, say } from '@/ui/toast';

export type Policy = components['schemas']['PolicyRead'];
type PolicyWrite = components['schemas']['PolicyWrite'];
export type Reason = components['schemas']['ReasonRead'];
type ReasonCreate = components['schemas']['ReasonCreate'];

const at = (id: string) => ({ path: { organization_id: id } });

/** Who reviews closings, by when work is to be done, and by whose hours. */
export const policyQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ['organizations', organizationId, 'incident-policy'],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/organizations/{organization_id}/incident-policy', { params: at(organizationId), signal })),
  });

/** Write all of the policy. Where somebody was faster, theirs is put in the place of what was shown. */
export function useWritePolicy(organizationId: string) {
  const client = useQueryClient();
  const { queryKey } = policyQuery(organizationId);
  return useMutation({
    mutationFn: ({ body, revision }: { body: PolicyWrite; revision: number }) =>
      read(
        api.PUT('/api/v1/organizations/{organization_id}/incident-policy', {
          params: { ...at(organizationId), header: ifMatch(revision) },
          body,
        }),
      ),
    onSuccess: (after) => {
      client.setQueryData(queryKey, after);
      say({ title: 'Policy saved' });
    },
    onError: (error) => {
      const { status, body } = asApiError(error);
      const current = status === 412 ? (body as { current?: Policy }).current : undefined;
      if (current) client.setQueryData(queryKey, current);
    },
  });
}

/** Add a reason; one that was retired comes back. */
export function useAddReason(organizationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ReasonCreate) =>
      read(api.POST('/api/v1/organizations/{organization_id}/close-reasons', { params: at(organizationId), body })),
    onSuccess: (after) => {
      say({ title: `Added: ${after.name}` });
      return client.invalidateQueries({ queryKey: closeReasonsQuery(organizationId).queryKey });
    },
  });
}

/** Offer a reason no longer. */
export function useRetireReason(organizationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: { id: string; name: string }) =>
      api.DELETE('/api/v1/organizations/{organization_id}/close-reasons/{reason_id}', {
        params: { path: { organization_id: organizationId, reason_id: id } },
      }),
    onSuccess: (_, { name }) => say({ title: `Retired: ${name}` }),
    onError: (error, { name }) => complain({ title: `Not retired: ${name}`, description: asApiError(error).message }),
    onSettled: () => client.invalidateQueries({ queryKey: closeReasonsQuery(organizationId).queryKey }),
  });
}
