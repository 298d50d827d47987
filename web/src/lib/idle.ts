/** Run it when the page has nothing better to do; what is returned forgets it. */
export function whenIdle(run: () => void): () => void {
  // Not in Safari.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(run, 2_000);
    return () => clearTimeout(timer);
  }
  const asked = window.requestIdleCallback(run, { timeout: 5_000 });
  return () => window.cancelIdleCallback(asked);
}
