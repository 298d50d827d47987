import { asApiError } from '@/api/problem';
import { useNow } from './useNow';

/** How many seconds are left until a refused request may be sent again; 0 where it may be. `at` is when it was refused. */
export function useRetryIn(error: unknown, at: number): number {
  const now = useNow();
  const retryAfter = error ? asApiError(error).retryAfter : undefined;
  return secondsLeft(retryAfter, at, now);
}

/** Rounded up: at the last second it is 1, and then 0. */
export function secondsLeft(retryAfter: number | undefined, at: number, now: number): number {
  return retryAfter === undefined ? 0 : Math.max(0, Math.ceil((at + retryAfter * 1000 - now) / 1000));
}
