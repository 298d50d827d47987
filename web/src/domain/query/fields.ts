import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Field = components['schemas']['FieldRead'];
export type Of = 'alerts' | 'incidents' | 'events';

const ASK = {
  alerts: (signal: AbortSignal) => read(api.GET('/api/v1/alerts/fields', { signal })),
  incidents: (signal: AbortSignal) => read(api.GET('/api/v1/incidents/fields', { signal })),
  events: (signal: AbortSignal) => read(api.GET('/api/v1/events/fields', { signal })),
};

/** The fields that queries over them may name. */
export const fieldsQuery = (of: Of) =>
  queryOptions({
    queryKey: ['fields', of],
    queryFn: ({ signal }) => ASK[of](signal),
    staleTime: 600_000,
  });
