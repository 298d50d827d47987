import type { Handover, Item, Moved } from './queries';

/** What may be written on one until it is signed; of a signed one only who takes over. */
export interface Written {
  shift: string;
  notes: string;
  incoming_id: string | null;
  items: readonly Item[];
}

/** As a draft has it. An item is its incident and its next step: how the incident is by now is no change of the draft. */
export const writtenOf = ({ shift, notes, incoming_id, items }: Handover): Written => ({
  shift,
  notes,
  incoming_id,
  items,
});

/** Why it cannot be signed yet; undefined where it can. */
export function whyNotSign({ incoming_id, items }: Pick<Written, 'incoming_id' | 'items'>): string | undefined {
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
  const over = `${count(incidents, 'incident')} and ${count(alerts, 'alert')} are yours now`;
  if (left_incidents + left_alerts === 0) return `${over}.`;
  return `${over}; ${count(left_incidents, 'incident')} and ${count(left_alerts, 'alert')} stay.`;
}

const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`;
