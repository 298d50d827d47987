import { useQuery } from '@tanstack/react-query';
import { type Session, sessionQuery } from '@/api/session';

/** Who is signed in. Only below the guarded part of the route tree. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('Nobody is signed in.');
  return data;
}
