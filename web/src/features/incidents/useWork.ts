import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import { incidentStatusLabel } from '@/domain/incident';
import { useSession } from '@/domain/session';
import { complain, say } from '@/ui/toast';
import { type Change, doneOf, expected, send, undoing } from './change';
import type { Incident } from './queries';
import { put, shownNow } from './rows';

export interface Step {
  row: Incident;
  change: Change;
}

/** One change of one incident: shown at once, put back where it was refused, with the way back where there is one. */
export function useWork(onRefused?: (row: Incident, why: string) => void) {
  const client = useQueryClient();
  const { user } = useSession();
  const { mutate } = useMutation({
    mutationKey: ['incidents', 'work'],
    // One after the other, so that each has the revision that the one before it made.
    scope: { id: 'incidents.work' },
    mutationFn: ({ row, change }: Step) =>
      send({ ...row, revision: shownNow(client, row.id)?.revision ?? row.revision }, change),
    onMutate: ({ row, change }) => put(client, { ...row, ...expected(row, change, user.id) }),
    onSuccess: (after, { row, change }) => {
      const now = { ...row, ...after };
      put(client, now);
      const back = undoing(row, change);
      say({
        title: `${doneOf(change)}: #${row.number} ${row.title}`,
        ...(back && { undo: () => mutate({ row: now, change: back }) }),
      });
    },
    onError: (thrown, { row, change }) => {
      const { title, description, now } = refusal(thrown, row, change);
      put(client, now);
      complain({ title, description });
      onRefused?.(now, `${title}. ${description}`);
    },
    onSettled: (_, __, { row }) => client.invalidateQueries({ queryKey: ['incidents', 'shown', row.id] }),
  });
  return mutate;
}

/** What to say of a change that was refused, and the row as it is then. */
function refusal(thrown: unknown, row: Incident, change: Change) {
  const { status, message, body } = asApiError(thrown);
  const current = (body as { current?: Partial<Incident> } | undefined)?.current;
  const now: Incident = { ...row, ...current };
  const name = `#${row.number} ${row.title}`;
  if (status !== 412) return { title: `Not ${doneOf(change).toLowerCase()}: ${name}`, description: message, now };
  return {
    title: `Somebody changed it first: ${name}`,
    description: current
      ? `It is ${incidentStatusLabel(now.status).toLowerCase()} now. Nothing of yours was done.`
      : message,
    now,
  };
}
