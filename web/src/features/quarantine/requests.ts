import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { formatCount } from '@/lib/format';
import { complain, say } from '@/ui/toast';
import type { Selection, Verb } from './selection';

type Format = components['schemas']['RedriveSelection']['format'];

/** One request marks this many; as many are sent as it takes. */
const MOST_REQUESTS = 100;

interface Wanted {
  verb: Verb;
  selection: Selection;
  format?: Format;
}

/** Mark records to be re-driven or discarded; the indexer does it within seconds. Gives how many were marked. */
export function useRequest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ verb, selection, format }: Wanted) => {
      let requested = 0;
      for (let times = 0; times < MOST_REQUESTS; times++) {
        const reply = await (verb === 'redrive'
          ? read(api.POST('/api/v1/quarantine/redrive', { body: { ...selection, ...(format && { format }) } }))
          : read(api.POST('/api/v1/quarantine/discard', { body: selection }))
        ).catch((error: unknown) => {
          if (requested === 0) throw error;
          const title = `Only ${formatCount(requested)} were requested`;
          complain({ title, description: asApiError(error).message });
          return { requested: 0, more: false };
        });
        requested += reply.requested;
        if (!reply.more) break;
      }
      return requested;
    },
    onError: (error) => complain({ title: 'Nothing was requested', description: asApiError(error).message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['quarantine'] }),
  });
}

/** Take back what was requested and is not done yet. */
export function useTakeBack() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (selection: Selection) => {
      let cancelled = 0;
      for (let times = 0; times < MOST_REQUESTS; times++) {
        const reply = await read(api.POST('/api/v1/quarantine/cancel', { body: selection }));
        cancelled += reply.cancelled;
        if (!reply.more) break;
      }
      return cancelled;
    },
    onSuccess: (cancelled) =>
      say({
        title: cancelled > 0 ? `Cancelled: ${formatCount(cancelled)} records` : 'Nothing was left to cancel',
      }),
    onError: (error) => complain({ title: 'Not cancelled', description: asApiError(error).message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['quarantine'] }),
  });
}
