import { formatCount, words } from '@/lib/format';
import type { Chain, Entry } from './queries';

/** `incident.review_asked_for` as people read it: Incident: review asked for. */
export function actionLabel(action: string): string {
  const [noun = '', ...verb] = action.split('.');
  return verb.length > 0 ? `${words(noun)}: ${verb.join(' ').replaceAll('_', ' ')}` : words(noun);
}

/** What an entry changed, in so many words: `Status, assignee and 2 more`. */
export function changedLabel(changes: Entry['changes']): string {
  const names = Object.keys(changes).map((name) => fieldLabel(name).toLowerCase());
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  return words(shown.join(', ')) + (more > 0 ? ` and ${more} more` : '');
}

/** `acknowledged_by_id` as people read it: Acknowledged by. */
export const fieldLabel = (name: string): string => words(name.replace(/_id$/, '').replace(/_at$/, ''));

/** One value before and after, whatever else the entry holds. */
export function pairOf(value: unknown): readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : [undefined, value];
}

export type Value =
  | { as: 'nothing' }
  | { as: 'moment' | 'person' | 'text' | 'id'; text: string }
  | { as: 'json'; value: unknown };

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Fields whose id is a person's. */
const PERSON = /^(?:assignee|reporter|reviewer|owner|user|actor|.*_by)_id$/;

/** How a value is to be shown, by its field and what it looks like. */
export function readingOf(field: string, value: unknown): Value {
  if (value === null || value === undefined || value === '') return { as: 'nothing' };
  if (typeof value === 'boolean') return { as: 'text', text: value ? 'yes' : 'no' };
  if (typeof value === 'number') return { as: 'text', text: String(value) };
  if (typeof value === 'string') {
    if (ID.test(value)) return { as: PERSON.test(field) ? 'person' : 'id', text: value };
    return { as: MOMENT.test(value) ? 'moment' : 'text', text: value };
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number'))
    return value.length === 0 ? { as: 'nothing' } : { as: 'text', text: value.join(', ') };
  return { as: 'json', value };
}

/** What following a chain has found, in words. */
export function verdictOf(chain: Chain): string {
  const place = chain.broken?.sequence;
  if (chain.broken)
    return `It does not hold${place === null || place === undefined ? '' : ` at entry ${place}`}: ${chain.broken.reason}.`;
  const waiting = chain.waiting > 0 ? ` ${chain.waiting} more wait for their seal, which takes a second.` : '';
  return `It is whole: ${formatCount(chain.entries)} entries, each sealed with the one before.${waiting}`;
}
