import { expect, test } from 'vitest';
import { dependenciesIn, disksIn, storeJobsIn } from './parse';
import { problemsOf } from './problems';
import type { System } from './queries';
import { HEALTHY } from './sample';

const NOW = Date.parse('2026-11-27T16:00:00Z');
const saidOf = (patch: Partial<System>) => problemsOf({ ...HEALTHY, ...patch }, NOW).map(({ said }) => said);

test('nothing is said of a system that is well', () => {
  expect(saidOf({})).toEqual([]);
});

test('what is away comes first, with what it means', () => {
  const problems = problemsOf(
    {
      ...HEALTHY,
      dependencies: { opensearch: { status: 'down', required: false, detail: 'no answer' } },
      broker: { value: { version: null, blocked: false, queues: [], parked: 3 }, reason: null },
    },
    NOW,
  );
  expect(problems.map(({ said }) => said)).toEqual(['opensearch is away: no answer', '3 parked messages']);
  expect(problems[0]?.so).toContain('cannot be searched');
});

test('a queue that nobody works on is told; parked ones are people’s', () => {
  const queue = { ready: 7, unacknowledged: 0, consumers: 0 };
  const queues = [
    { ...queue, name: 'events.received', parked: false },
    { ...queue, name: 'events.parked', parked: true },
  ];
  expect(saidOf({ broker: { value: { version: null, blocked: true, queues, parked: 0 }, reason: null } })).toEqual([
    'RabbitMQ takes nothing in',
    'Nobody works on events.received',
  ]);
});

test('a disk is told of a week before it is full, and what would help when it nearly is', () => {
  const disk = { store: 'opensearch', used: 1, free: 5, capacity: 100, left: 0.05, alarm: false };
  const controls = (one: object, helps: object = {}) => ({
    value: { brake: {}, retention_floors: {}, store_jobs: {}, disks: { disks: [{ ...disk, ...one }], helps } },
    reason: null,
  });
  expect(saidOf({ controls: controls({ nearly_full: false, full_at: '2026-12-03T16:00:00Z' }) })).toEqual([
    'The disk of opensearch is full in 6d',
  ]);
  expect(saidOf({ controls: controls({ nearly_full: false, full_at: '2026-12-05T16:00:00Z' }) })).toEqual([]);
  const [nearly] = problemsOf(
    { ...HEALTHY, controls: controls({ nearly_full: true }, { opensearch: ['a larger disk'] }) },
    NOW,
  );
  expect(nearly).toMatchObject({ tone: 'danger', so: 'What would help: a larger disk.' });
});

test('what lags, is refused, is held or has another schema is told', () => {
  expect(
    saidOf({
      backlogs: {
        value: {
          most: 10_000,
          outbox: { rows: 1, oldest_at: '2026-11-27T15:59:30Z' },
          projection: { rows: 9, oldest_at: '2026-11-27T15:50:00Z', refused: 2 },
        },
        reason: null,
      },
      controls: {
        value: { brake: { held_since: '2026-11-27T15:00:00Z' }, retention_floors: {}, disks: null, store_jobs: {} },
        reason: null,
      },
      versions: {
        value: { product: '1', schema_head: 'b', schema_found: 'a', postgres: '15' },
        reason: null,
      },
    }),
  ).toEqual([
    'The brake is held, for 1h',
    'The database has another schema than the program',
    'Search is 10m behind',
    'OpenSearch refused 2 documents',
  ]);
});

test('what is not known is told as such, with its reason', () => {
  expect(problemsOf({ ...HEALTHY, broker: { value: null, reason: 'no answer' } }, NOW)).toEqual([
    { tone: 'warning', said: 'Not known now: broker', so: 'no answer' },
  ]);
});

test('what is free in form is read with care', () => {
  expect(
    dependenciesIn({ a: 7, b: { status: 'ok', required: true, latency_ms: 2 } }).map(({ name, status }) => [
      name,
      status,
    ]),
  ).toEqual([
    ['b', 'ok'],
    ['a', 'unknown'],
  ]);
  expect(disksIn(null)).toEqual({ disks: [], measuredAt: null });
  const perDay = { postgres: { alert: 10, telemetry: null } };
  expect(disksIn({ disks: [{ store: 'postgres' }], bytes_per_day: perDay }).disks[0]?.bytesPerDay).toBe(10);
  expect(
    storeJobsIn({ drift: { finished_at: 'x', outcome: 'equal' }, repair: { phase: 'alerts', done: 1, total: 9 } }).map(
      ({ name }) => name,
    ),
  ).toEqual(['repair', 'drift']);
});
