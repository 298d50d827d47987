/** Something that can be done now: it stands in the palette, and in the help where it has a key. */
export interface Command {
  label: string;
  /** The key that does the same, as `KeyboardEvent.key` names it. */
  key?: string | undefined;
  run: () => void;
}

const offering = new Set<() => readonly Command[]>();

/** Offer commands for as long as what can do them is there; `now` is asked when somebody looks. Returns how to end it. */
export function offerCommands(now: () => readonly Command[]): () => void {
  offering.add(now);
  return () => {
    offering.delete(now);
  };
}

/** All that can be done now, in the order in which it was offered, each label once. */
export function commandsNow(): readonly Command[] {
  const found = new Map<string, Command>();
  for (const now of offering) for (const one of now()) if (!found.has(one.label)) found.set(one.label, one);
  return [...found.values()];
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'Esc',
  ' ': 'Space',
};

/** What stands on a key's picture: E, ⇧J, Esc. */
export function keyName(key: string): string {
  const named = NAMES[key];
  if (named) return named;
  if (key.length === 1 && key !== key.toLowerCase()) return `⇧${key}`;
  return key.length === 1 ? key.toUpperCase() : key;
}
