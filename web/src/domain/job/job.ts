import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { formatCount, words } from '@/lib/format';

export type Job = components['schemas']['JobRead'];

const EVERY_MS = 700;

export const isOver = ({ status }: Job): boolean => status === 'done' || status === 'failed' || status === 'cancelled';

/** A job as it goes on. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => readJob(id, signal),
    refetchInterval: ({ state }) =>
      state.data && (isOver(state.data) || state.data.status === 'draft') ? false : EVERY_MS,
  });

const path = (id: string) => ({ params: { path: { job_id: id } } });

const readJob = (id: string, signal?: AbortSignal): Promise<Job> =>
  read(api.GET('/api/v1/jobs/{job_id}', { ...path(id), ...(signal && { signal }) }));
export const startJob = (id: string): Promise<Job> => read(api.POST('/api/v1/jobs/{job_id}/start', path(id)));
export const cancelJob = (id: string): Promise<Job> => read(api.POST('/api/v1/jobs/{job_id}/cancel', path(id)));

/** Why some were left out, or failed: each reason with how many of the first hundred have it. */
export const reasonsQuery = (id: string, status: 'skipped' | 'failed') =>
  queryOptions({
    queryKey: ['jobs', 'one', id, 'items', status],
    queryFn: async ({ signal }) => {
      const params = { path: { job_id: id }, query: { status, limit: 100 } };
      const { items } = await read(api.GET('/api/v1/jobs/{job_id}/items', { params, signal }));
      const counts = new Map<string, number>();
      for (const { reason } of items) counts.set(reason ?? 'unknown', (counts.get(reason ?? 'unknown') ?? 0) + 1);
      return [...counts].map(([reason, count]) => `${formatCount(count)} ${words(reason).toLowerCase()}`);
    },
  });

/** Waits until it is over. It goes on, whether or not it can be asked about now. */
export async function over(job: Job): Promise<Job> {
  let now = job;
  while (!isOver(now)) {
    await new Promise((then) => setTimeout(then, EVERY_MS));
    now = await readJob(job.id).catch((error: unknown) => {
      if (asApiError(error).passing) return now;
      throw error;
    });
  }
  return now;
}

/** 3 alerts, 1 alert. */
export const some = (count: number, thing: string): string => `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;

/** What became of it: "2 left out, 1 failed"; empty where all were changed. */
export function rest({ skipped, failed, error }: Job): string {
  const told = [
    skipped > 0 && `${formatCount(skipped)} left out`,
    failed > 0 && `${formatCount(failed)} failed`,
    error,
  ];
  return told.filter(Boolean).join(', ');
}
