import { shareOf } from './healthOf';
import type { Account } from './queries';

export type PartName = 'stored' | 'duplicate' | 'quarantined' | 'discarded' | 'in_flight_or_parked';

interface Named<K> {
  name: K;
  label: string;
  what: string;
}

/** What accepted records become, in the order in which the chart stacks them. */
export const PARTS: readonly Named<PartName>[] = [
  { name: 'stored', label: 'Stored', what: 'Events that are kept and can be found.' },
  {
    name: 'duplicate',
    label: 'Duplicate',
    what: 'Sent before: it was stored, or went to quarantine, when it first came.',
  },
  { name: 'quarantined', label: 'In quarantine', what: 'Could not be read. They wait there to be mended.' },
  { name: 'discarded', label: 'Discarded', what: 'Taken out of quarantine and not stored.' },
  {
    name: 'in_flight_or_parked',
    label: 'On their way',
    what: 'Accepted, and not settled yet, or parked for an operator.',
  },
];

/** What stands beside the sum. */
export const BESIDE: readonly Named<'ignored' | 'unconfirmed' | 'unreported'>[] = [
  { name: 'ignored', label: 'Left out', what: 'Of a type the sensor is set to leave out: counted, not kept.' },
  { name: 'unconfirmed', label: 'Not confirmed', what: 'The sender was told to send them again.' },
  {
    name: 'unreported',
    label: 'Settled before reported',
    what: 'Stored already, and not in the figure of accepted ones yet; that follows within seconds.',
  },
];

export interface Line extends Named<PartName> {
  count: number;
  /** Of all that was settled or is on its way, 0 to 1. */
  share: number;
}

/** What became of all that was accepted, line by line. */
export function linesOf(account: Account): Line[] {
  const whole = account.accepted + account.unreported;
  return PARTS.map((part) => ({ ...part, count: account[part.name], share: shareOf(account[part.name], whole) }));
}

/** True where not one record is missing: accepted + unreported is the sum of what they became. */
export function balances(account: Account): boolean {
  return account.accepted + account.unreported === PARTS.reduce((sum, { name }) => sum + account[name], 0);
}
