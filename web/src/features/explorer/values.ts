export type Value = string | number | boolean;

/** A value and in how many events it was. */
export interface ValueCount {
  value: Value;
  count: number;
}

/** One line of a document: where it stands, what is there, and the field by which queries find it, if any does. */
export interface Line {
  path: string;
  values: readonly Value[];
  field: string | undefined;
}

const MOST = 10;
/** Longer values are in no index, or in no URL. */
const LONGEST = 1_000;

/** What the API calls otherwise than documents do. */
const OWN: Readonly<Record<string, string>> = {
  'alert.title': 'title',
  'alert.severity_id': 'severity',
  'alert.fingerprint': 'fingerprint',
  'alert.transport.sensor_id': 'sensor_id',
};

/** The most frequent values, each counted once in an event. */
export function topOf(events: readonly (readonly Value[])[]): ValueCount[] {
  const counts = new Map<Value, number>();
  for (const values of events) for (const value of new Set(values)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count)
    .slice(0, MOST);
}

/** A document as lines, by name. Fields of `known`, and the vendor's own of alerts, can be asked for. */
export function linesOf(document: Readonly<Record<string, unknown>>, known: ReadonlySet<string>, kind: string): Line[] {
  const found = new Map<string, Value[]>();
  walk(document, '', found);
  return [...found]
    .map(([path, values]) => ({ path, values, field: fieldOf(path, known, kind) }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function fieldOf(path: string, known: ReadonlySet<string>, kind: string): string | undefined {
  const name = OWN[path] ?? path;
  if (known.has(name)) return name;
  // Of telemetry the vendor's own fields are kept, not indexed.
  return kind === 'alert' && /^sensor\.[\w.]+$/.test(path) ? path : undefined;
}

function walk(held: unknown, path: string, found: Map<string, Value[]>): void {
  if (Array.isArray(held)) for (const one of held) walk(one, path, found);
  else if (typeof held === 'object' && held !== null)
    for (const [name, below] of Object.entries(held)) walk(below, path ? `${path}.${name}` : name, found);
  else if (typeof held === 'string' || typeof held === 'number' || typeof held === 'boolean') put(found, path, held);
}

/** In its place: a list that somebody sends may have a hundred thousand values. */
function put(found: Map<string, Value[]>, path: string, value: Value): void {
  const before = found.get(path);
  if (before) before.push(value);
  else found.set(path, [value]);
}

/** As filters take it; undefined where nothing can be found by it. */
export function filterable(value: Value): string | number | undefined {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  return value !== '' && value.length <= LONGEST ? value : undefined;
}

/** Lines whose name or value has these words in it. */
export function matching(lines: readonly Line[], text: string): readonly Line[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => {
    const whole = `${line.path} ${line.values.join(' ')}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
