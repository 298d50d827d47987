import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { ifMatch } from '@/api/preconditions';
import { type ApiError, asApiError } from '@/api/problem';
import { complain, say } from '@/ui/toast';
import { told } from './differences';
import { type Incident, incidentKey, incidentQuery } from './queries';

/** One change, and how it is told of afterwards. */
export interface Step<R> {
  send: () => Promise<R>;
  /** In the past, as in "Assigned to Ann"; nothing is said where it shows by itself. */
  said?: string | undefined;
}

interface Options<R> {
  onDone?: (reply: R) => void;
  /** The error is shown where the change was made, in `error` of what is returned, and not told of. */
  inPlace?: boolean;
}

/** What a change of the incident as it was seen is addressed to. */
export const at = ({ id, revision }: Pick<Incident, 'id' | 'revision'>) => ({
  path: { incident_id: id },
  header: ifMatch(revision),
});

/**
 * Changes of an incident and of what hangs on it. Afterwards all of it is asked for anew. Where somebody was faster
 * (412), it is shown as that one made it, and said so.
 */
export function useChange<R = unknown>(id: string, { onDone, inPlace = false }: Options<R> = {}) {
  const client = useQueryClient();
  return useMutation<R, Error, Step<R>>({
    mutationFn: ({ send }) => send(),
    onSuccess: (reply, { said }) => {
      seen(client, id, reply);
      if (said) say({ title: said });
      onDone?.(reply);
    },
    onError: (thrown) => {
      const error = asApiError(thrown);
      if (error.status === 412) return tellStale(client, id, error);
      return inPlace ? undefined : complain({ title: 'That was not done', description: error.message });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  });
}

/** Most changes answer with the incident as it is then. The next one may be made before all of it was asked for anew. */
function seen(client: QueryClient, id: string, reply: unknown): void {
  const row = ((reply as { data?: unknown } | undefined)?.data ?? reply) as Partial<Incident> | undefined;
  const { revision } = row ?? {};
  if (row?.id !== id || revision === undefined) return;
  client.setQueryData(incidentQuery(id).queryKey, (before) =>
    before && before.revision < revision ? { ...before, ...row } : before,
  );
}

/** The row as it is now, which comes with a 412. */
export const currentOf = <T>(error: ApiError): T | undefined => (error.body as { current?: T } | undefined)?.current;

function tellStale(client: QueryClient, id: string, error: ApiError): string {
  const { queryKey } = incidentQuery(id);
  const before = client.getQueryData(queryKey);
  const now = currentOf<Partial<Incident>>(error);
  const isIncident = now?.id === id;
  if (before && now && isIncident) client.setQueryData(queryKey, { ...before, ...now });
  const changes = before && now && isIncident ? told(before, now) : [];
  return complain({
    title: 'Somebody changed it first',
    description: `${changes.length > 0 ? `${changes.join(', ')}. ` : ''}It is shown as it is now; nothing of yours was done. Look, and do it again if it is still right.`,
  });
}

/** Ask for all of one incident anew. */
export const refreshIncident = (client: QueryClient, id: string) =>
  client.invalidateQueries({ queryKey: incidentKey(id) });
