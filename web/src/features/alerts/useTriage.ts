import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { peopleQuery } from '@/domain/people';
import { useSession } from '@/domain/session';
import { complain, say } from '@/ui/toast';
import { differences } from './differences';
import { type AnyAlert, alertQuery } from './queries';
import { useShow } from './rows';
import { doneOf, expected, sendInTurn, type Triage, undoing } from './triage';

export interface Wanted {
  alert: AnyAlert;
  triage: Triage;
  /** It takes another one back, and is not offered to be taken back in turn. */
  back?: true;
}

/** One step of triage. It is shown at once, taken back where it was refused, and undone where there is a way back. */
export function useTriage() {
  const client = useQueryClient();
  const { user } = useSession();
  const show = useShow();
  const nameOf = (id: string) =>
    client.getQueryData(peopleQuery.queryKey)?.find((one) => one.id === id)?.name ?? 'somebody else';
  function put(id: string, after: Partial<AnyAlert>) {
    client.setQueryData(alertQuery(id).queryKey, (before) => before && { ...before, ...after });
    show([id], (row) => ({ ...row, ...after }));
  }
  const mutation = useMutation({
    mutationKey: ['alerts', 'triage'],
    mutationFn: ({ alert, triage }: Wanted) => sendInTurn(alert, triage),
    onMutate: ({ alert, triage }) => show([alert.id], (row) => ({ ...row, ...expected(row, triage, user.id) })),
    onSuccess: (after, { alert, triage, back: isBack }) => {
      put(alert.id, after);
      const back = isBack ? undefined : undoing(alert, triage);
      const now = { ...alert, ...after };
      say({
        title: `${isBack ? 'Taken back' : doneOf(triage)}: ${alert.title}`,
        ...(back && { undo: () => mutation.mutate({ alert: now, triage: back, back: true }) }),
      });
    },
    onError: (error, { alert, triage }) => {
      show([alert.id], (row) => ({ ...row, ...alert }));
      const { status, message, body } = asApiError(error);
      if (status !== 412)
        return complain({ title: `Not ${doneOf(triage).toLowerCase()}: ${alert.title}`, description: message });
      // Somebody was faster: what they made of it is in the reply.
      const current = (body as { current?: components['schemas']['AlertRead'] } | undefined)?.current;
      if (current) put(alert.id, current);
      const changed = current ? differences(alert, current, nameOf) : [];
      return complain({
        title: `Somebody changed it first: ${alert.title}`,
        description: `${changed.length > 0 ? `Now its ${changed.join(', its ')}` : message}. If it still applies, do it once more.`,
      });
    },
    // What has been done is over: nobody waits for the rest to be read anew.
    onSettled: (_, __, { alert }) => {
      for (const part of ['one', 'history', 'notes'])
        void client.invalidateQueries({ queryKey: ['alerts', part, alert.id] });
    },
  });
  return mutation;
}
