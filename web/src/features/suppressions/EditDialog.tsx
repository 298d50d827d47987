import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { type Draft, draftOf, patchOf } from '@/domain/suppression/draft';
import { SuppressionForm } from '@/domain/suppression/Form';
import { useLook } from '@/lib/look';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Changes } from '@/ui/Changes';
import { Dialog } from '@/ui/Dialog';
import { say } from '@/ui/toast';
import type { Suppression } from './queries';
import { differences } from './versionChanges';

/** Changes one. Where somebody else was faster, both are shown, and what was typed is kept. */
export function EditDialog({ row, onLeave }: { row: Suppression; onLeave: () => void }) {
  const { zone } = useLook();
  const client = useQueryClient();
  // As it was when writing began; live changes do not reach what is written.
  const [seen, setSeen] = useState(row);
  const [first] = useState(() => draftOf(row, zone));
  const saving = useMutation({
    mutationFn: (draft: Draft) => {
      const params = { path: { suppression_id: row.id }, header: ifMatch(seen.revision) };
      return read(api.PATCH('/api/v1/suppressions/{suppression_id}', { params, body: patchOf(first, draft, zone) }));
    },
    onSuccess: (after) => {
      const waits = after.state === 'waiting_for_approval';
      say({ title: 'Suppression saved', ...(waits && { description: 'It has to be approved anew.' }) });
      onLeave();
      return client.invalidateQueries({ queryKey: ['suppressions'] });
    },
  });
  const refused = saving.error ? asApiError(saving.error) : undefined;
  const other = refused?.status === 412 ? (refused.body as { current?: Suppression } | undefined)?.current : undefined;
  function keepMine(current: Suppression) {
    setSeen(current);
    saving.reset();
  }
  return (
    <Dialog title="Edit suppression" description={row.name} size="side" onLeave={onLeave}>
      {other && (
        <Banner
          tone="warning"
          action={
            <Button size="sm" onClick={() => keepMine(other)}>
              Keep mine
            </Button>
          }
        >
          Somebody else changed it meanwhile. Yours is not saved yet; theirs stays where you changed nothing:
          <Changes label="Changed by somebody else" lines={differences({ ...seen }, { ...other }, zone)} />
        </Banner>
      )}
      <SuppressionForm
        first={first}
        verb="Save suppression"
        busy={saving.isPending}
        error={other ? undefined : saving.error}
        onSave={(draft) => saving.mutate(draft)}
        onLeave={onLeave}
      />
    </Dialog>
  );
}
