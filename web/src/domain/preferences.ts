import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changeProfile, sessionQuery } from '@/api/session';
import { changeLook, type Look } from '@/lib/look';
import { complain } from '@/ui/toast';

/** Choose how things look: here at once, and in every other browser of the person's when it looks next. */
export function usePreferences(): (patch: Partial<Look>) => void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    // One after the other, so that the latest choice is the one that stays.
    scope: { id: 'preferences' },
    mutationFn: (preferences: Partial<Look>) => changeProfile({ preferences }),
    // A session that was on its way meanwhile would bring back what there was before.
    onMutate: () => client.cancelQueries({ queryKey: sessionQuery.queryKey }),
    onSuccess: ({ preferences }) =>
      client.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, preferences }),
    onError: (error) => complain({ title: 'Kept in this browser alone', description: error.message }),
  });
  return (patch) => {
    changeLook(patch);
    mutate(patch);
  };
}
