import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import { complain, say } from '@/ui/toast';
import { saidOf, type Written } from './draft';
import { accept, type Handover, handoverQuery, sign, write, writeItems } from './queries';

/** What can be done with a handover. Whatever comes back is shown; after a 412 what somebody else made of it is. */
export function useActs(handover: Handover) {
  const client = useQueryClient();
  const { queryKey } = handoverQuery(handover.id);
  const failed = (error: unknown) => {
    if (asApiError(error).status === 412) void client.invalidateQueries({ queryKey });
  };
  const done = (after: Handover) => {
    client.setQueryData(queryKey, after);
    void client.invalidateQueries({ queryKey: ['handovers', 'list'] });
  };
  const saving = useMutation({
    mutationFn: async ({ shift, notes, incoming_id, items }: Written) => {
      if (handover.status !== 'draft') return write(handover, { incoming_id });
      const after = await write(handover, { shift, notes, incoming_id });
      // Each is a request of its own: where the second fails, the first has been saved and is shown.
      client.setQueryData(queryKey, after);
      return same(items, handover.items) ? after : writeItems(after, items);
    },
    onSuccess: (after) => {
      done(after);
      say({ title: 'Handover saved' });
    },
    onError: failed,
  });
  const signing = useMutation({
    mutationFn: () => sign(handover),
    onSuccess: (after) => {
      done(after);
      say({ title: `Signed: ${after.shift}` });
    },
    onError: (error) => {
      failed(error);
      complain({ title: `Not signed: ${handover.shift}`, description: asApiError(error).message });
    },
  });
  const accepting = useMutation({
    mutationFn: (moveWork: boolean) => accept(handover, moveWork),
    onSuccess: ({ moved, ...after }, moveWork) => {
      done(after);
      say({ title: `Accepted: ${after.shift}`, ...(moveWork && { description: saidOf(moved) }) });
      if (moveWork) void client.invalidateQueries();
    },
    onError: (error) => {
      failed(error);
      complain({ title: `Not accepted: ${handover.shift}`, description: asApiError(error).message });
    },
  });
  return { saving, signing, accepting };
}

const same = (one: Written['items'], other: Written['items']): boolean =>
  one.length === other.length &&
  one.every((item, at) => item.incident_id === other[at]?.incident_id && item.next_step === other[at]?.next_step);
