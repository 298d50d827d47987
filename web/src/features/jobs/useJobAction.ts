import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { cancelJob, type Job, startJob } from '@/domain/job/job';
import { complain, say } from '@/ui/toast';
import { titleOf, undoOf } from './words';

export type Action = 'start' | 'cancel' | 'undo' | 'delete';

const DONE: Record<Action, string> = {
  start: 'Started',
  cancel: 'Being cancelled',
  undo: 'Being taken back',
  delete: 'Deleted the copy',
};

/** What can be done with a job. */
export function useJobAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ job, action }: { job: Job; action: Action }) => send(job, action),
    onSuccess: (_, { job, action }) => say({ title: `${DONE[action]}: ${titleOf(job)}` }),
    onError: (error, { job }) =>
      complain({ title: `Not done: ${titleOf(job)}`, description: asApiError(error).message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

async function send(job: Job, action: Action): Promise<void> {
  const params = { path: { job_id: job.id } };
  switch (action) {
    case 'start':
      await startJob(job.id);
      return;
    case 'cancel':
      await cancelJob(job.id);
      return;
    case 'undo':
      await (undoOf(job) === 'incidents'
        ? read(api.POST('/api/v1/incidents/bulk/{job_id}/undo', { params }))
        : read(api.POST('/api/v1/alerts/bulk/{job_id}/undo', { params })));
      return;
    case 'delete':
      await api.DELETE('/api/v1/exports/{job_id}/content', { params });
      return;
  }
}
