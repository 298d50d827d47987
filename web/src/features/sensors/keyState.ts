import type { Key } from './queries';

export type KeyState = 'good' | 'ending' | 'expired' | 'revoked';

/** Whether a key still opens the door. */
export function keyState(key: Key, now: number): KeyState {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at === null) return 'good';
  return Date.parse(key.expires_at) > now ? 'ending' : 'expired';
}

/** Those that are good first, each the newest first. */
export function sortedKeys(keys: readonly Key[], now: number): Key[] {
  const rank = (key: Key) => (keyState(key, now) === 'good' || keyState(key, now) === 'ending' ? 0 : 1);
  return [...keys].sort(
    (one, other) => rank(one) - rank(other) || Date.parse(other.created_at) - Date.parse(one.created_at),
  );
}

/** How long old keys stay good beside a fresh one, in seconds. */
export const OVERLAPS: readonly (readonly [string, string])[] = [
  ['0', 'End at once'],
  ['3600', 'Stay good for an hour'],
  ['86400', 'Stay good for a day'],
  ['604800', 'Stay good for a week'],
  ['2592000', 'Stay good for 30 days'],
];
