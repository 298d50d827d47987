import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '@/api/problem';
import { complain, say } from '@/ui/toast';
import { changeView, type View, type ViewKind, viewsQuery } from './views';

interface Wanted {
  view: View;
  body: Parameters<typeof changeView>[1];
  /** What is said of it: Saved, Renamed. */
  done: string;
}

/** Change a saved view; where somebody was faster, theirs is shown and nothing is written over. */
export function useViewChange(kind: ViewKind, onDone?: (view: View) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ view, body }: Wanted) => changeView(view, body),
    onSuccess: (view, { done }) => {
      client.setQueryData(viewsQuery(kind).queryKey, (all) => all?.map((one) => (one.id === view.id ? view : one)));
      say({ title: `${done}: ${view.name}` });
      onDone?.(view);
    },
    onError: (error, { view }) => {
      const { status, message } = asApiError(error);
      void client.invalidateQueries({ queryKey: viewsQuery(kind).queryKey });
      if (status === 412)
        complain({
          title: `Somebody changed it first: ${view.name}`,
          description: 'It is shown as it is now. Save again to replace theirs.',
        });
      else complain({ title: `Not changed: ${view.name}`, description: message });
    },
  });
}
