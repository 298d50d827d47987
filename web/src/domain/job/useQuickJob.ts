import { useMutation } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import { complain, say } from '@/ui/toast';
import { type Job, over, rest, some } from './job';

export interface QuickJob {
  /** Begins it at once. */
  start: () => Promise<Job>;
  /** Takes it back, as another job; left out where nothing can. */
  undo?: ((id: string) => Promise<Job>) | undefined;
  /** In the past: Acknowledged. */
  done: string;
  /** What it is done to, one of it: alert. */
  thing: string;
  /** Where to, as its result tells: " to #16". */
  into?: ((job: Job) => string) | undefined;
}

/** A job on a few things that needs no asking: begun, waited for, told with the way back. */
export function useQuickJob(onOver: () => void) {
  return useMutation({
    mutationFn: async ({ start }: QuickJob) => over(await start()),
    onSuccess: (job, { undo, done, thing, into }) => {
      onOver();
      const description = rest(job);
      if (job.done === 0) return complain({ title: `None ${done.toLowerCase()}`, description });
      return say({
        title: `${done} ${some(job.done, thing)}${into?.(job) ?? ''}`,
        ...(description && { description }),
        ...(undo && { undo: () => void takeBack(job.id, undo, thing, onOver) }),
      });
    },
    onError: (error, { done }) =>
      complain({ title: `Not ${done.toLowerCase()}`, description: asApiError(error).message }),
  });
}

/** Takes a job back and says what came of it. */
export async function takeBack(id: string, undo: (id: string) => Promise<Job>, thing: string, onOver: () => void) {
  try {
    const job = await over(await undo(id));
    const description = rest(job);
    say({ title: `Taken back: ${some(job.done, thing)}`, ...(description && { description }) });
  } catch (error) {
    complain({ title: 'Not taken back', description: asApiError(error).message });
  }
  onOver();
}
