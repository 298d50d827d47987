/** One line of the palette. */
export interface Entry {
  id: string;
  label: string;
  /** Tells it from others of the same name. */
  hint?: string | undefined;
  /** The keys that do the same, one after the other. */
  keys?: readonly string[] | undefined;
  run: () => void;
}

export interface Group {
  value: string;
  items: Entry[];
}

/** As many lines of a group are shown as fit. */
const MOST = 12;

/** Of these groups what has every word of the text in its label or hint, what begins with it first. */
export function matching(groups: readonly Group[], text: string): Group[] {
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ value, items }) => ({ value, items: ranked(items, wanted).slice(0, MOST) }))
    .filter(({ items }) => items.length > 0);
}

function ranked(items: readonly Entry[], wanted: readonly string[]): Entry[] {
  const [first] = wanted;
  if (first === undefined) return [...items];
  const found = items.filter(({ label, hint }) => {
    const said = `${label} ${hint ?? ''}`.toLowerCase();
    return wanted.every((word) => said.includes(word));
  });
  const begins = ({ label }: Entry) => label.toLowerCase().startsWith(first);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

/** The query that finds an incident by what was typed: #12 and 12 are its number. */
export function incidentQuery(text: string): string {
  const number = /^#?(\d{1,9})$/.exec(text.trim())?.[1];
  return number ? `number:${number}` : text.trim();
}
