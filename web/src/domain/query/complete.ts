import { quoted } from '@/lib/query';
import type { Field } from './fields';

/** What is being written at the caret, and where it stands. */
export interface Spot {
  from: number;
  to: number;
  /** Of what it is begun. */
  kind: 'field' | 'value' | 'operator';
  /** Whose value. */
  field?: string;
  typed: string;
}

export interface Offer {
  /** What takes the place of what was typed. */
  text: string;
  label: string;
  hint?: string | undefined;
}

const MOST = 12;
const NAME = /^-?[\w.@]*$/;
const OPERATORS: readonly Offer[] = [
  { text: 'AND ', label: 'AND', hint: 'both' },
  { text: 'OR ', label: 'OR', hint: 'one of them' },
  { text: 'AND NOT ', label: 'AND NOT', hint: 'the first without the second' },
];

/** What could be written at this place; undefined inside of what nobody can complete. */
export function spotAt(query: string, caret: number): Spot | undefined {
  const before = query.slice(0, caret);
  // A value in quotes may have blanks in it.
  const value = /(?:^|[\s(])-?([\w.]+):(?:\((?:[^()]*[\s(])?)?(>=|<=|>|<)?("[^"]*|[^\s"()[\]{}]*)$/.exec(before);
  if (value) {
    const typed = value[3] ?? '';
    const rest = /^[^\s()"]*"?/.exec(query.slice(caret))?.[0] ?? '';
    return {
      kind: 'value',
      field: value[1] ?? '',
      typed: typed.replace(/^"/, ''),
      from: caret - typed.length,
      to: caret + rest.length,
    };
  }
  if ((before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1) return undefined;
  const word = /[^\s()]*$/.exec(before)?.[0] ?? '';
  if (!NAME.test(word)) return undefined;
  const name = word.replace(/^-/, '');
  const from = caret - name.length;
  const ahead = before.slice(0, before.length - word.length).trimEnd();
  const done = name === '' && ahead !== '' && !/(^|\s)(AND|OR|NOT)$|\($/.test(ahead);
  return {
    kind: done ? 'operator' : 'field',
    typed: name,
    from,
    to: caret + (/^[\w.]*/.exec(query.slice(caret))?.[0] ?? '').length,
  };
}

/** Fields whose name, or meaning, has what was typed; those that begin so first. */
export function fieldOffers(fields: readonly Field[], typed: string): Offer[] {
  const wanted = typed.toLowerCase();
  const rank = ({ name, meaning }: Field) => {
    if (name.startsWith(wanted)) return 0;
    if (name.includes(`.${wanted}`) || name.includes(`_${wanted}`)) return 1;
    if (name.includes(wanted)) return 2;
    return wanted.length > 2 && meaning.toLowerCase().includes(wanted) ? 3 : 4;
  };
  return fields
    .map((field) => [rank(field), field] as const)
    .filter(([place]) => place < 4)
    .sort(([one], [other]) => one - other)
    .slice(0, MOST)
    .map(([, field]) => ({ text: `${field.name}:`, label: field.name, hint: field.meaning }));
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
const SPECIAL: Readonly<Record<string, readonly Offer[]>> = {
  person: [{ text: 'me ', label: 'me', hint: 'who is signed in' }],
  time: [
    { text: '>now-1h ', label: '>now-1h', hint: 'the last hour' },
    { text: '>now-24h ', label: '>now-24h', hint: 'the last 24 hours' },
    { text: '>now-7d ', label: '>now-7d', hint: 'the last seven days' },
    { text: 'now/d ', label: 'now/d', hint: 'today, in UTC' },
  ],
};

/** Values of a field: its own words, those that were seen, and what its type can be. */
export function valueOffers(field: Field, typed: string, seen: readonly (string | number)[]): Offer[] {
  const words = field.type === 'severity' ? SEVERITIES : field.type === 'boolean' ? ['true', 'false'] : field.choices;
  const own: Offer[] = words.map((choice) => ({ text: `${choice} `, label: choice }));
  const special = SPECIAL[field.type] ?? [];
  const known = new Set(words);
  const others: Offer[] = seen
    .filter((value) => !known.has(String(value)))
    .map((value) => ({ text: `${written(value)} `, label: String(value), hint: 'seen' }));
  const any: Offer[] = field.type === 'id' || typed !== '' ? [] : [{ text: '* ', label: '*', hint: 'any value' }];
  const wanted = typed.toLowerCase();
  return [...own, ...special, ...(own.length > 0 ? [] : others), ...any]
    .filter((offer) => offer.label.toLowerCase().includes(wanted))
    .slice(0, MOST);
}

export const operatorOffers = (): readonly Offer[] => OPERATORS;

/** The query with an offer in its place, and where the caret is then. */
export function put(query: string, spot: Spot, offer: Offer): [query: string, caret: number] {
  const rest = query.slice(spot.to);
  const text = /^[\s)]/.test(rest) ? offer.text.trimEnd() : offer.text;
  return [query.slice(0, spot.from) + text + rest, spot.from + text.length];
}

/** In quotes where it has to be. */
function written(value: string | number): string {
  const text = String(value);
  return /^[\w][\w.-]*$/.test(text) && !/^(AND|OR|NOT)$/.test(text) ? text : quoted(text);
}
