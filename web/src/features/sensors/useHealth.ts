import { useQuery } from '@tanstack/react-query';
import { useNow } from '@/domain/useNow';
import { type Health, healthOf } from './healthOf';
import { type Sensor, sheetQuery } from './queries';

export const HOUR_MINUTES = 60;
const EVERY_MS = 60_000;

/** What came of a sensor in the last hour: all who ask share one question. */
export function useHour(sensor: Sensor) {
  return useQuery({ ...sheetQuery(sensor.id, HOUR_MINUTES), refetchInterval: EVERY_MS });
}

/** How a sensor is, the same wherever it is said. */
export function useHealth(sensor: Sensor): Health {
  const { data } = useHour(sensor);
  return healthOf(sensor, data?.total, useNow(EVERY_MS));
}
