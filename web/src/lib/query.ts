/** A value as the query language has it whole: quoted, with what means more in it escaped. */
export function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : `"${value.replace(/[\\"*?]/g, (sign) => `\\${sign}`)}"`;
}

/** In the place of a value: that there is any. */
export const ANY = '*';

/** `field:(a OR b)`; `field:*` of any value. */
export function oneOf(field: string, values: readonly (string | number)[]): string {
  const [first, ...others] = values.map((value) => (value === ANY ? ANY : quoted(value)));
  return others.length === 0 ? `${field}:${first}` : `${field}:(${[first, ...others].join(' OR ')})`;
}

/** All of these at once; undefined where there is none. */
export function allOf(queries: readonly string[]): string | undefined {
  if (queries.length < 2) return queries[0];
  return queries.map((query) => `(${query})`).join(' AND ');
}

/** What `allOf` put together, taken apart; a query of anybody's own is one part. */
export function partsOf(query: string): string[] {
  const parts: string[] = [];
  for (let from = 0; query[from] === '('; ) {
    const to = closing(query, from);
    parts.push(query.slice(from + 1, to));
    if (to === query.length - 1 && parts.length > 1) return parts;
    if (to < 0 || !query.startsWith(' AND (', to + 1)) break;
    from = to + ' AND ('.length;
  }
  return [query];
}

/** Where the parenthesis that opens there is closed; -1 where it is not. */
function closing(query: string, from: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < query.length; at++) {
    const sign = query[at];
    if (sign === '\\') at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === '(') depth++;
    else if (!quoted && sign === ')' && --depth === 0) return at;
  }
  return -1;
}

const VALUE = '"(?:[^"\\\\]|\\\\.)*"|\\d+';
const CHOICE = new RegExp(`^(NOT )?([\\w.]+):(?:(\\*)|(${VALUE})|\\(((?:${VALUE})(?: OR (?:${VALUE}))+)\\))$`);

/** What `oneOf` made, as field and values: the field with `-` in front where it was negated. */
export function choiceOf(part: string): { field: string; values: (string | number)[] } | undefined {
  const found = CHOICE.exec(part);
  if (!found) return undefined;
  const [, not, name, any, one, several] = found;
  const words = any ? [ANY] : ((one ?? several)?.match(new RegExp(VALUE, 'g')) ?? []);
  const values = words.map((word) => {
    if (word === ANY) return ANY;
    return word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : Number(word);
  });
  // What is quoted and has a pattern in it is no whole value.
  if (words.some((word) => word.startsWith('"') && /(?:^|[^\\])(?:\\\\)*[*?]/.test(word.slice(1, -1))))
    return undefined;
  return { field: `${not ? '-' : ''}${name}`, values };
}
