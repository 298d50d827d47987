import type { components } from '@/api/schema';
import type { QuarantineSearch } from './search';

export type Selection = components['schemas']['Selection'];
export type Verb = 'redrive' | 'discard';

/** All that a search shows, as far as it had come by then. */
export function selectionOf({ reason, sensor }: QuarantineSearch, until: Date): Selection {
  return {
    all: true,
    received_to: until.toISOString(),
    ...(reason && { reason }),
    ...(sensor && { sensor_id: sensor }),
  };
}

/** These records alone. */
export const these = (ids: string[]): Selection => ({ ids, all: false });
