import type { Account } from './queries';

export type Progress = 'listening' | 'knocked' | 'refused' | 'unreadable' | 'stored' | 'seen';

/** How far the first record of a sensor has come, by all that is known. */
export function progressOf(event: object | null, account: Account | undefined, keyUsed: boolean): Progress {
  if (event) return 'seen';
  if (!account) return keyUsed ? 'knocked' : 'listening';
  if (account.stored + account.duplicate > 0) return 'stored';
  if (account.quarantined > 0) return 'unreadable';
  if (account.accepted === 0 && Object.values(account.refused ?? {}).some((count) => count > 0)) return 'refused';
  return keyUsed || account.requests > 0 ? 'knocked' : 'listening';
}
