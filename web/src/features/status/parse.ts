export interface Dependency {
  name: string;
  status: string;
  required: boolean;
  latencyMs: number | null;
  since: string | null;
  detail: string | null;
}

export interface Disk {
  store: string;
  used: number;
  free: number | null;
  capacity: number | null;
  /** The share that is free, 0 to 1. */
  left: number | null;
  alarm: boolean;
  nearlyFull: boolean;
  fullAt: string | null;
  /** What came a day, all kinds together; null where nobody knows yet. */
  bytesPerDay: number | null;
  helps: string[];
}

export interface StoreJob {
  name: string;
  phase: string | null;
  done: number;
  total: number;
  outcome: string | null;
  finishedAt: string | null;
  updatedAt: string | null;
  /** Indices that differed. */
  differ: string[];
}

/** Dependencies as `/readyz` has them; what is required first, then what is down. */
export function dependenciesIn(raw: unknown): Dependency[] {
  const found = Object.entries(object(raw)).map(([name, value]) => {
    const one = object(value);
    return {
      name,
      status: text(one.status) ?? 'unknown',
      required: one.required === true,
      latencyMs: number(one.latency_ms),
      since: text(one.since),
      detail: text(one.detail),
    };
  });
  return found.sort(
    (one, other) => Number(other.required) - Number(one.required) || one.name.localeCompare(other.name),
  );
}

/** Disks as maintenance measured them. */
export function disksIn(raw: unknown): { disks: Disk[]; measuredAt: string | null } {
  const measured = object(raw);
  const [perDay, helps] = [object(measured.bytes_per_day), object(measured.helps)];
  const disks = list(measured.disks).map((value) => {
    const one = object(value);
    const store = text(one.store) ?? '';
    return {
      store,
      used: number(one.used) ?? 0,
      free: number(one.free),
      capacity: number(one.capacity),
      left: number(one.left),
      alarm: one.alarm === true,
      nearlyFull: one.nearly_full === true,
      fullAt: text(one.full_at),
      bytesPerDay: sumOf(object(perDay[store])),
      helps: list(helps[store]).filter((help) => typeof help === 'string'),
    };
  });
  return { disks, measuredAt: text(measured.measured_at) };
}

/** Jobs on the stores, those under way first. */
export function storeJobsIn(raw: unknown): StoreJob[] {
  const found = Object.entries(object(raw)).map(([name, value]) => {
    const one = object(value);
    return {
      name,
      phase: text(one.phase),
      done: number(one.done) ?? 0,
      total: number(one.total) ?? 0,
      outcome: text(one.outcome),
      finishedAt: text(one.finished_at),
      updatedAt: text(one.updated_at),
      differ: list(one.differ ?? one.parts).flatMap(
        (part) => text(object(part).index) ?? (typeof part === 'string' ? part : []),
      ),
    };
  });
  return found.sort((one, other) => Number(one.finishedAt !== null) - Number(other.finishedAt !== null));
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function sumOf(parts: Record<string, unknown>): number | null {
  const known = Object.values(parts).filter((part) => typeof part === 'number');
  return known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : null;
}
