import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { useMay, useSession } from '@/domain/session';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { complain, say } from '@/ui/toast';
import { EditDialog } from './EditDialog';
import type { Suppression } from './queries';

/** What can be done with one that has not ended. */
export function Actions({ row }: { row: Suppression }) {
  const may = useMay('suppressions:write', row.organization_id);
  const { user } = useSession();
  const [asked, setAsked] = useState<'edit' | 'end' | null>(null);
  const { approve, end } = useDeeds(row, () => setAsked(null));
  if (!may || row.state === 'ended') return null;
  const own = row.created_by_id === user.id;
  const leave = () => setAsked(null);
  return (
    <>
      {row.state === 'waiting_for_approval' && (
        <Button
          variant="primary"
          busy={approve.isPending}
          disabled={own}
          title={own ? 'You made it; somebody else has to approve it' : undefined}
          onClick={() => approve.mutate()}
        >
          Approve
        </Button>
      )}
      <Button onClick={() => setAsked('edit')}>Edit…</Button>
      <Button variant="danger" onClick={() => setAsked('end')}>
        End now…
      </Button>
      {asked === 'edit' && <EditDialog row={row} onLeave={leave} />}
      {asked === 'end' && (
        <ConfirmDialog
          title={`End “${row.name}” now?`}
          verb="End suppression"
          busy={end.isPending}
          onConfirm={() => end.mutate()}
          onLeave={leave}
        >
          What it hid stays where it is. The next event of the kind opens an ordinary alert. An ended suppression does
          not come back; a new one has to be made.
        </ConfirmDialog>
      )}
    </>
  );
}

function useDeeds(row: Suppression, onDone: () => void) {
  const client = useQueryClient();
  const path = { suppression_id: row.id };
  const onSettled = () => {
    onDone();
    return client.invalidateQueries({ queryKey: ['suppressions'] });
  };
  const approve = useMutation({
    mutationFn: () =>
      read(
        api.POST('/api/v1/suppressions/{suppression_id}/approve', { params: { path, header: ifMatch(row.revision) } }),
      ),
    onSuccess: () => say({ title: `Approved: ${row.name}` }),
    onError: (error) => {
      const { status, message } = asApiError(error);
      const description =
        status === 412 ? 'Somebody changed it first. Read what it is now before you approve it.' : message;
      complain({ title: `Not approved: ${row.name}`, description });
    },
    onSettled,
  });
  const end = useMutation({
    mutationFn: () => read(api.POST('/api/v1/suppressions/{suppression_id}/end', { params: { path } })),
    onSuccess: () => say({ title: `Ended: ${row.name}` }),
    onError: (error) => complain({ title: `Not ended: ${row.name}`, description: asApiError(error).message }),
    onSettled,
  });
  return { approve, end };
}
