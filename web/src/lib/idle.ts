import { useEffect } from 'react';

/** Fetched when there is time, so that it opens at once; what cannot be fetched now is tried again when it opens. */
export function useAhead(load: () => Promise<unknown>): void {
  useEffect(() => whenIdle(() => void load().catch(() => undefined)), [load]);
}

/** Run it when the page has nothing better to do; what is returned forgets it. */
function whenIdle(run: () => void): () => void {
  // Not in Safari.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(run, 2_000);
    return () => clearTimeout(timer);
  }
  const asked = window.requestIdleCallback(run, { timeout: 5_000 });
  return () => window.cancelIdleCallback(asked);
}
