import type { Suppression } from './queries';

/** What lasts no longer than this is told to be ending. */
const SOON_MS = 72 * 3_600_000;

interface State {
  label: string;
  tone: 'success' | 'warning' | 'danger' | 'accent' | undefined;
}

/** How a suppression stands, in the words of the list. */
export function stateOf(row: Suppression, now: number): State {
  switch (row.state) {
    case 'waiting_for_approval':
      return { label: 'Waiting for approval', tone: 'danger' };
    case 'scheduled':
      return { label: 'Scheduled', tone: 'accent' };
    case 'ended':
      return { label: 'Ended', tone: undefined };
    case 'in_force':
      if (Date.parse(row.ends_at) - now < SOON_MS) return { label: 'Ends soon', tone: 'warning' };
      return row.mode === 'monitor' ? { label: 'On trial', tone: 'accent' } : { label: 'Active', tone: 'success' };
  }
}

/** When it ended or will. */
export const endOf = (row: Suppression): string => row.ended_at ?? row.ends_at;
