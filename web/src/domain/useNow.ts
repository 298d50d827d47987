import { useSyncExternalStore } from 'react';

const EVERY_MS = 1_000;
const heard = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(tell: () => void): () => void {
  heard.add(tell);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of heard) each();
  }, EVERY_MS);
  return () => {
    heard.delete(tell);
    if (heard.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, as one clock for the whole page, in steps of so many milliseconds: who shows minutes is drawn by the minute. */
export function useNow(step = EVERY_MS): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now / step) * step);
}
