import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { complain, say } from '@/ui/toast';
import type { Member } from './queries';

type UserCreate = components['schemas']['UserCreate'];
type UserUpdate = components['schemas']['UserUpdate'];
type InvitationCreate = components['schemas']['InvitationCreate'];

const at = (member: Member) => ({
  path: { user_id: member.id },
  query: { organization_id: member.organization_id },
});

function useRefreshed(...keys: string[]) {
  const client = useQueryClient();
  return () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

/** Add somebody; the reply has the first password, which nothing tells again. */
export function useAddUser() {
  const refreshed = useRefreshed('people');
  return useMutation({
    mutationFn: (body: UserCreate) => read(api.POST('/api/v1/users', { body })),
    gcTime: 0,
    onSuccess: refreshed,
  });
}

/** Ask somebody in; the reply has the code, which nothing tells again. */
export function useInvite() {
  const refreshed = useRefreshed('invitations');
  return useMutation({
    mutationFn: (body: InvitationCreate) => read(api.POST('/api/v1/invitations', { body })),
    gcTime: 0,
    onSuccess: refreshed,
  });
}

/** Another name or role, disabled or enabled. */
export function useChangeUser(said: string) {
  const refreshed = useRefreshed('people', 'session');
  return useMutation({
    mutationFn: ({ member, body }: { member: Member; body: UserUpdate }) =>
      read(api.PATCH('/api/v1/users/{user_id}', { params: at(member), body })),
    onSuccess: (after) => {
      say({ title: `${said}: ${after.name}` });
      return refreshed();
    },
  });
}

/** A new first password; the reply has it, and nothing tells it again. */
export function useResetUser() {
  const refreshed = useRefreshed('people');
  return useMutation({
    mutationFn: (member: Member) => read(api.POST('/api/v1/users/{user_id}/reset', { params: at(member) })),
    gcTime: 0,
    onSuccess: refreshed,
  });
}

/** Take somebody out of the organization. */
export function useRemoveUser() {
  const refreshed = useRefreshed('people');
  return useMutation({
    mutationFn: (member: Member) => api.DELETE('/api/v1/users/{user_id}', { params: at(member) }),
    onSuccess: (_, member) => {
      say({ title: `Removed: ${member.name}` });
      return refreshed();
    },
  });
}

/** Make an invitation void. */
export function useWithdraw() {
  const refreshed = useRefreshed('invitations');
  return useMutation({
    mutationFn: (id: string) =>
      api.DELETE('/api/v1/invitations/{invitation_id}', { params: { path: { invitation_id: id } } }),
    onSuccess: () => say({ title: 'Invitation withdrawn' }),
    onError: (error) => complain({ title: 'Not withdrawn', description: asApiError(error).message }),
    onSettled: refreshed,
  });
}
