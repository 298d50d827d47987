import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { useMay } from './session';

/** One sensor with its keys. */
export const sensorQuery = (id: string) =>
  queryOptions({
    queryKey: ['sensors', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/sensors/{sensor_id}', { params: { path: { sensor_id: id } }, signal })),
    staleTime: 30_000,
  });

/** What a sensor is called; its id where that cannot be found out, and nothing of none. */
export function useSensorName(id: string | undefined): string {
  const known = useMay('sensors:read');
  const { data, isError } = useQuery({ ...sensorQuery(id ?? ''), enabled: known && id !== undefined });
  if (id === undefined) return '';
  return data?.name ?? (isError || !known ? id : '…');
}
