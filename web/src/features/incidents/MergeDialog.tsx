import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { some } from '@/domain/job/job';
import { TextArea } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import { type Incident, rowsNow } from './queries';
import { newer, show } from './rows';

interface Props {
  rows: readonly Incident[];
  onMerged: () => void;
  onLeave: () => void;
}

/** Makes several incidents parts of one of them. Its page takes them apart again. */
export function MergeDialog({ rows, onMerged, onLeave }: Props) {
  const client = useQueryClient();
  const [into, setInto] = useState(rows.reduce((one, other) => (other.number < one.number ? other : one)).id);
  const target = rows.find((row) => row.id === into);
  const others = rows.filter((row) => row.id !== into);
  const merge = useMutation({
    mutationFn: (reason: string) =>
      read(
        api.POST('/api/v1/incidents/{incident_id}/merge', {
          params: { path: { incident_id: into }, header: ifMatch(target?.revision ?? 0) },
          body: { incident_ids: others.map((row) => row.id), reason: reason || null },
        }),
      ),
    onSuccess: async () => {
      say({ title: `Merged: ${some(others.length, 'incident')} into #${target?.number}` });
      onMerged();
      const ids = rows.map((row) => row.id);
      const now = await rowsNow(ids, new AbortController().signal);
      show(client, ids, (row) =>
        newer(
          row,
          now.find((one) => one.id === row.id),
        ),
      );
    },
  });
  return (
    <FormDialog
      title={`Merge ${some(rows.length, 'incident')}`}
      verb={`Merge ${some(others.length, 'incident')} into #${target?.number}`}
      tone="danger"
      busy={merge.isPending}
      error={merge.error}
      onSubmit={(form) => merge.mutate(given(form, 'reason'))}
      onLeave={onLeave}
    >
      <Select
        label="Into"
        value={into}
        options={rows.map((row) => [row.id, `#${row.number} ${row.title}`])}
        autoFocus
        onChange={(event) => setInto(event.target.value)}
      />
      <TextArea label="Why" name="reason" rows={2} maxLength={2_000} />
      <p className="u-muted">
        Alerts, tasks, notes, observables and evidence of {others.map((row) => `#${row.number}`).join(', ')} go to #
        {target?.number}. Each remembers where it came from, and can be taken out again on its page.
      </p>
    </FormDialog>
  );
}
