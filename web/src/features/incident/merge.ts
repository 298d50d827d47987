/** A stretch of lines that two texts have in common, or in which they differ. */
interface Stretch {
  /** Lines of the base that are replaced, `to` not among them. */
  from: number;
  to: number;
  lines: readonly string[];
}

export interface Merged {
  text: string;
  /** Both changed the same lines: each has its own there, one after the other. */
  overlaps: boolean;
}

/** Two texts that came of the same one as one: what only one of them changed is taken, what both changed is kept twice. */
export function merged(base: string, mine: string, theirs: string): Merged {
  const lines = base.split('\n');
  const ours = changes(lines, mine.split('\n'));
  const others = changes(lines, theirs.split('\n'));
  const out: string[] = [];
  let at = 0;
  let overlaps = false;
  while (ours.length > 0 || others.length > 0) {
    const from = Math.min(ours[0]?.from ?? Number.POSITIVE_INFINITY, others[0]?.from ?? Number.POSITIVE_INFINITY);
    out.push(...lines.slice(at, from));
    const { to, mine: one, theirs: other } = taken(lines, from, ours, others);
    const same = one?.join('\n') === other?.join('\n');
    if (one && other && !same) overlaps = true;
    out.push(...(other ?? []), ...(one && !same ? one : []));
    at = to;
  }
  out.push(...lines.slice(at));
  return { text: out.join('\n'), overlaps };
}

/** All changes of both that touch each other from here on, and what each has in that place; null who left it alone. */
function taken(lines: readonly string[], from: number, ours: Stretch[], others: Stretch[]) {
  let to = from;
  const mine: Stretch[] = [];
  const theirs: Stretch[] = [];
  for (let more = true; more; ) {
    more = false;
    for (const [queue, kept] of [
      [ours, mine],
      [others, theirs],
    ] as const) {
      const [next] = queue;
      if (next && (next.from < to || next.from === from)) {
        queue.shift();
        kept.push(next);
        to = Math.max(to, next.to);
        more = true;
      }
    }
  }
  const within = (kept: readonly Stretch[]) => (kept.length > 0 ? replaced(lines, from, to, kept) : null);
  return { to, mine: within(mine), theirs: within(theirs) };
}

function replaced(lines: readonly string[], from: number, to: number, kept: readonly Stretch[]): string[] {
  const out: string[] = [];
  let at = from;
  for (const one of kept) {
    out.push(...lines.slice(at, one.from), ...one.lines);
    at = one.to;
  }
  return [...out, ...lines.slice(at, to)];
}

/** What has to be replaced in the base to make the text of it, in order. */
function changes(base: readonly string[], text: readonly string[]): Stretch[] {
  const common = pairs(base, text);
  const found: Stretch[] = [];
  let [at, there] = [0, 0];
  for (const [left, right] of [...common, [base.length, text.length] as const]) {
    if (left > at || right > there) found.push({ from: at, to: left, lines: text.slice(there, right) });
    [at, there] = [left + 1, right + 1];
  }
  return found;
}

/** Tables of more fields than this would take the browser's memory; what lies between is then one stretch. */
const MOST_FIELDS = 4_000_000;

/** The longest common lines, as pairs of their places. Most texts differ in a few lines: only from the first to the last is looked at. */
function pairs(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  const [rows, columns] = [left.length - head - tail, right.length - head - tail];
  const between =
    rows * columns > MOST_FIELDS ? [] : longest(left.slice(head, head + rows), right.slice(head, head + columns));
  return [
    ...Array.from({ length: head }, (_, at): [number, number] => [at, at]),
    ...between.map(([row, column]): [number, number] => [row + head, column + head]),
    ...Array.from({ length: tail }, (_, at): [number, number] => [head + rows + at, head + columns + at]),
  ];
}

function longest(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const length = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    const line = lengths[row];
    if (!line) continue;
    for (let column = right.length - 1; column >= 0; column--) {
      line[column] =
        left[row] === right[column]
          ? length(row + 1, column + 1) + 1
          : Math.max(length(row + 1, column), length(row, column + 1));
    }
  }
  const found: [number, number][] = [];
  let [row, column] = [0, 0];
  while (row < left.length && column < right.length) {
    if (left[row] === right[column]) found.push([row++, column++]);
    else if (length(row + 1, column) >= length(row, column + 1)) row++;
    else column++;
  }
  return found;
}

/** Which lines of a text another has not, by their numbers. */
export function linesOnlyIn(text: string, other: string): ReadonlySet<number> {
  const lines = text.split('\n');
  const both = new Set(pairs(lines, other.split('\n')).map(([line]) => line));
  return new Set([...lines.keys()].filter((line) => !both.has(line)));
}
