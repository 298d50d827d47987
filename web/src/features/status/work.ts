import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { useSession } from '@/domain/session';
import { complain, say } from '@/ui/toast';
import type { JobRequest } from './queries';

/** Have maintenance do something. It is in the jobs of one organization: of the first where the person operates. */
export function useWork(done: string) {
  const client = useQueryClient();
  const homes = useSession().memberships.filter((one) => one.permissions.includes('system:write'));
  return useMutation({
    mutationFn: (wanted: JobRequest) => {
      const home = homes[0]?.organization_id;
      const body = homes.length > 1 && home ? { ...wanted, organization_id: home } : wanted;
      return read(api.POST('/api/v1/system/jobs', { body }));
    },
    onSuccess: () => say({ title: done, description: 'How far it is, the jobs tell.' }),
    onError: (error) => complain({ title: 'Not started', description: asApiError(error).message }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['system'] });
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
}
