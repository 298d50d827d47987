/** What a sensor's own fields and ours of the way are under; they stand in the document. */
const LEFT_OUT = ['sensor.', 'alert.observables', 'related.', 'ecs.'];

/** A document's fields by their dotted names, in their order; lists as their values. */
export function flattened(document: Readonly<Record<string, unknown>>, under = ''): [name: string, value: string][] {
  return Object.entries(document).flatMap(([key, value]): [string, string][] => {
    const name = under + key;
    if (LEFT_OUT.some((one) => name.startsWith(one))) return [];
    if (Array.isArray(value)) return [[name, value.map(written).join(', ')]];
    if (typeof value === 'object' && value !== null) return flattened(value as Record<string, unknown>, `${name}.`);
    return [[name, String(value)]];
  });
}

const written = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
