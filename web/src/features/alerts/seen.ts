import { useSyncExternalStore } from 'react';

// For as long as the page is open: what somebody looked at is nobody else's business.
const seen = new Set<string>();
const watching = new Set<() => void>();

/** It was looked at. */
export function look(id: string): void {
  if (seen.has(id)) return;
  seen.add(id);
  for (const each of watching) each();
}

/** Whether it was looked at since the application was opened. */
export function useSeen(id: string): boolean {
  return useSyncExternalStore(watch, () => seen.has(id));
}

function watch(changed: () => void): () => void {
  watching.add(changed);
  return () => watching.delete(changed);
}
