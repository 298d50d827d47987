import { useQuery } from '@tanstack/react-query';
import { type Permission, type Session, sessionQuery } from '@/api/session';

/** Who is signed in. Only below the guarded part of the route tree. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('Nobody is signed in.');
  return data;
}

/** Whether the person may do this in that organization; in any of theirs, where none is named. */
export function useMay(permission: Permission, organizationId?: string): boolean {
  return useSession().memberships.some(
    (one) =>
      (organizationId === undefined || one.organization_id === organizationId) && one.permissions.includes(permission),
  );
}
