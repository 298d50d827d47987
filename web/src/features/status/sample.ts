import type { System } from './queries';

/** A system that is well, for tests. */
export const HEALTHY: System = {
  dependencies: {
    postgres: { status: 'ok', required: true, age_ms: 10, latency_ms: 1.5 },
    opensearch: { status: 'ok', required: false, age_ms: 10, latency_ms: 3.1 },
  },
  versions: {
    value: { product: '0.1.0', schema_head: 'c83d0f6b1e57', schema_found: 'c83d0f6b1e57', postgres: '15.18' },
    reason: null,
  },
  search: { value: '3.6.0', reason: null },
  broker: {
    value: {
      version: '3.10.8',
      blocked: false,
      queues: [
        { name: 'events.parked', ready: 0, unacknowledged: 0, consumers: 0, parked: true },
        { name: 'events.received', ready: 0, unacknowledged: 0, consumers: 2, parked: false },
      ],
      parked: 0,
    },
    reason: null,
  },
  backlogs: {
    value: {
      most: 10_000,
      outbox: { rows: 0, oldest_at: null },
      projection: { rows: 0, oldest_at: null, refused: 0 },
    },
    reason: null,
  },
  generations: { value: [], reason: null },
  controls: { value: { brake: {}, retention_floors: {}, disks: null, store_jobs: {} }, reason: null },
};
