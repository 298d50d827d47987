import { quoted } from '@/lib/query';
import type { Handover, Item, Moved } from './queries';

/** What may be written on a draft. */
export interface Draft {
  shift: string;
  notes: string;
  incomingId: string | null;
  items: readonly Item[];
}

export const draftOf = ({ shift, notes, incoming_id, items }: Handover): Draft => ({
  shift,
  notes,
  incomingId: incoming_id,
  items,
});

/** How many of its parts differ from what the server has. */
export function changesOf(draft: Draft, handover: Handover): (keyof Draft)[] {
  const saved = draftOf(handover);
  const same: Record<keyof Draft, boolean> = {
    shift: draft.shift === saved.shift,
    notes: draft.notes === saved.notes,
    incomingId: draft.incomingId === saved.incomingId,
    items: JSON.stringify(steps(draft.items)) === JSON.stringify(steps(saved.items)),
  };
  return (Object.keys(same) as (keyof Draft)[]).filter((part) => !same[part]);
}

/** What the server got to know since `before` is taken over where the person wrote nothing; what they wrote stays. */
export function rebased(draft: Draft, before: Handover, now: Handover): Draft {
  const mine = new Set(changesOf(draft, before));
  const theirs = draftOf(now);
  return {
    shift: mine.has('shift') ? draft.shift : theirs.shift,
    notes: mine.has('notes') ? draft.notes : theirs.notes,
    incomingId: mine.has('incomingId') ? draft.incomingId : theirs.incomingId,
    items: mine.has('items') ? draft.items : theirs.items,
  };
}

/** Why it cannot be signed yet; undefined where it can. */
export function whyNotSign({ incoming_id, items }: Handover): string | undefined {
  if (incoming_id === null) return 'Say who takes over.';
  const missing = items.filter((one) => one.next_step.trim() === '').length;
  if (missing > 0) return `${missing} ${missing === 1 ? 'incident has' : 'incidents have'} no next step.`;
  return undefined;
}

/** The same items with one moved up or down, where there is room. */
export function moved(items: readonly Item[], from: number, by: -1 | 1): readonly Item[] {
  const to = from + by;
  const [one, other] = [items[from], items[to]];
  if (!one || !other) return items;
  return items.map((item, at) => (at === from ? other : at === to ? one : item));
}

/** What went over, in words. */
export function saidOf({ incidents, alerts, left_incidents, left_alerts }: Moved): string {
  const left = left_incidents + left_alerts;
  const over = `${count(incidents, 'incident')} and ${count(alerts, 'alert')} are yours now`;
  return left > 0
    ? `${over}; ${count(left_incidents, 'incident')} and ${count(left_alerts, 'alert')} stay.`
    : `${over}.`;
}

/** The query of the incidents' list for these numbers. */
export const numbered = (numbers: readonly number[]): string => `number:(${numbers.map(quoted).join(' OR ')})`;

const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`;
const steps = (items: readonly Item[]) => items.map((one) => [one.incident_id, one.next_step]);
