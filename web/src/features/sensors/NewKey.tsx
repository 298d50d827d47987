import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { NoticeDialog } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { Connect } from './Connect';
import { OVERLAPS } from './keyState';
import type { SensorDetail } from './queries';

const A_DAY = '86400';

/** A fresh key beside the old ones, or in their place; then what to do with it. */
export function NewKey({ sensor, good, onLeave }: { sensor: SensorDetail; good: number; onLeave: () => void }) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState(A_DAY);
  const making = useMutation({
    mutationFn: () =>
      read(
        api.POST('/api/v1/sensors/{sensor_id}/keys', {
          params: { path: { sensor_id: sensor.id } },
          body: { overlap_seconds: Number(overlap) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sensors', 'one', sensor.id] }),
  });
  if (making.data)
    return (
      <NoticeDialog once title={`Fresh key of ${sensor.name}`} size="lg" onLeave={onLeave}>
        <Connect sensor={sensor} secret={making.data.key} />
      </NoticeDialog>
    );
  return (
    <FormDialog
      title="Make a fresh key"
      description={sensor.name}
      verb="Make key"
      busy={making.isPending}
      error={making.error}
      onSubmit={() => making.mutate()}
      onLeave={onLeave}
    >
      {good > 0 && (
        <Select
          label={good === 1 ? 'The key that is good now' : `The ${good} keys that are good now`}
          help="Time to hand the fresh one out, so that nothing is lost meanwhile."
          options={OVERLAPS}
          value={overlap}
          onChange={(event) => setOverlap(event.target.value)}
        />
      )}
    </FormDialog>
  );
}
