import type { components } from '@/api/schema';
import type { IncidentStatus } from './incident';

type Incident = components['schemas']['IncidentListed'];

/** Where a transition leads. Closing and merging have ways of their own. */
export type To = Exclude<IncidentStatus, 'closed' | 'merged'>;

const HOLD_OR_RESOLVE: readonly To[] = ['on_hold', 'resolved'];

const MOVES: Record<IncidentStatus, readonly To[]> = {
  open: ['investigating', 'contained', ...HOLD_OR_RESOLVE],
  investigating: ['contained', ...HOLD_OR_RESOLVE],
  contained: ['investigating', ...HOLD_OR_RESOLVE],
  on_hold: ['open', 'investigating', 'contained'],
  resolved: ['investigating'],
  closed: [],
  merged: [],
};

/** Where an incident may go from each state. */
export const movesFrom = (status: IncidentStatus): readonly To[] => MOVES[status];

/** Whether people will ask later why it was done: of holding, and of going back. */
export function needsReason({ status, contained_at }: Pick<Incident, 'status' | 'contained_at'>, to: To): boolean {
  const held = status === 'on_hold' && contained_at !== null;
  if (to === 'on_hold') return true;
  if (to === 'investigating') return status === 'contained' || status === 'resolved' || held;
  return to === 'open' && held;
}

interface Held {
  status: IncidentStatus;
  /** Of closing, as long as nobody has decided. */
  review?: object | null;
}

/** Why it can be neither moved nor given away; undefined where it can. */
export function whyStill({ status, review }: Held): string | undefined {
  if (status === 'merged') return 'It was merged into another';
  if (status === 'closed') return 'It is closed: reopen it first';
  return review ? 'A request for closing waits: withdraw it first' : undefined;
}

/** Why it cannot be closed now. */
export const whyOpen = (incident: Held): string | undefined =>
  whyStill(incident) ?? (incident.status === 'on_hold' ? 'It is on hold: take it up first' : undefined);
