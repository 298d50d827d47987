/** One value of two versions of a thing, by where it is: `sla.critical.resolve`. */
export interface Difference {
  path: string;
  before: unknown;
  after: unknown;
}

/** In what two versions differ, object by object; a list is one value. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (same(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
}

/** What I changed in `base`, done to `theirs`: nothing that either of us did is lost, and of what both did mine holds. */
export function rebased<T>(base: T, mine: T, theirs: T): T {
  if (same(base, mine)) return theirs;
  if (!isObject(base) || !isObject(mine) || !isObject(theirs)) return mine;
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const kept = names.map((name) => [name, rebased<unknown>(base[name], mine[name], theirs[name])]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}

/** Whether two values of JSON say the same, in whatever order. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, at) => same(value, other[at]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(one[name], other[name]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
