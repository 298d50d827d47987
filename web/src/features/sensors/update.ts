import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { sensorQuery } from '@/domain/sensors';
import type { Sensor } from './queries';

type Update = components['schemas']['SensorUpdate'];

/** Change a sensor as it was seen: who is late gets a 412 with what it is now. */
export function useUpdate(sensor: Sensor) {
  const client = useQueryClient();
  const show = (now: Sensor) =>
    client.setQueryData(sensorQuery(sensor.id).queryKey, (before) => before && { ...before, ...now });
  return useMutation({
    mutationFn: ({ update, revision }: { update: Update; revision: number }) =>
      read(
        api.PATCH('/api/v1/sensors/{sensor_id}', {
          params: { path: { sensor_id: sensor.id }, header: ifMatch(revision) },
          body: update,
        }),
      ),
    onError: (error) => {
      const { status, body } = asApiError(error);
      const current = (body as { current?: Sensor } | undefined)?.current;
      if (status === 412 && current) show(current);
    },
    onSuccess: (after) => {
      show(after);
      void client.invalidateQueries({ queryKey: ['sensors', 'list'] });
    },
  });
}
