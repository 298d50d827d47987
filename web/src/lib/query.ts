/** A value as the query language has it whole: quoted, with what means more in it escaped. */
export function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : `"${value.replace(/[\\"*?]/g, (sign) => `\\${sign}`)}"`;
}

/** `field:(a OR b)`. */
export function oneOf(field: string, values: readonly (string | number)[]): string {
  const [first, ...others] = values.map(quoted);
  return others.length === 0 ? `${field}:${first}` : `${field}:(${[first, ...others].join(' OR ')})`;
}

/** All of these at once; undefined where there is none. */
export function allOf(queries: readonly string[]): string | undefined {
  if (queries.length < 2) return queries[0];
  return queries.map((query) => `(${query})`).join(' AND ');
}
