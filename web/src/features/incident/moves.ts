import type { IncidentStatus } from '@/domain/incident';
import type { Incident } from './queries';

export type To = Exclude<IncidentStatus, 'closed' | 'merged'>;

const HOLD_OR_RESOLVE: readonly To[] = ['on_hold', 'resolved'];

/** Where an incident may go from each state. Closing and merging have ways of their own. */
const MOVES: Record<IncidentStatus, readonly To[]> = {
  open: ['investigating', 'contained', ...HOLD_OR_RESOLVE],
  investigating: ['contained', ...HOLD_OR_RESOLVE],
  contained: ['investigating', ...HOLD_OR_RESOLVE],
  on_hold: ['open', 'investigating', 'contained'],
  resolved: ['investigating'],
  closed: [],
  merged: [],
};

export const movesFrom = (status: IncidentStatus): readonly To[] => MOVES[status];

/** Holding, and going back, are explained. */
export function needsReason({ status, contained_at }: Pick<Incident, 'status' | 'contained_at'>, to: To): boolean {
  if (to === 'on_hold') return true;
  if (to === 'investigating') return ['contained', 'resolved'].includes(status) || held(status, contained_at);
  return to === 'open' && held(status, contained_at);
}

const held = (status: IncidentStatus, containedAt: string | null) => status === 'on_hold' && containedAt !== null;

/** Why nothing of this can be moved, closed or given away now; undefined where it can. */
export function whyNot({ status, review }: Pick<Incident, 'status' | 'review'>): string | undefined {
  if (status === 'merged') return 'It was merged into another';
  if (status === 'closed') return 'It is closed: reopen it first';
  return review ? 'A request for closing waits: withdraw it first' : undefined;
}

/** Why it cannot be closed now. */
export function whyNotClosed(incident: Pick<Incident, 'status' | 'review'>): string | undefined {
  return whyNot(incident) ?? (incident.status === 'on_hold' ? 'It is on hold: take it up first' : undefined);
}
