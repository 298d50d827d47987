import { useSyncExternalStore } from 'react';

/** How things look, as this browser has it from before anybody signs in: looks, never data nor secrets. */
export interface Look {
  theme: 'system' | 'dark' | 'light';
  density: 'compact' | 'default' | 'comfortable';
  /** `utc`, `local`, or the IANA name of a zone the team agreed on. */
  zone: string;
  /** Whether single keys do something. */
  shortcuts: boolean;
}

const KEY = 'eventsec.look';
const DEFAULT: Look = { theme: 'system', density: 'default', zone: 'utc', shortcuts: true };

const watching = new Set<() => void>();
let look = kept();

/** As it is now, also for who does not draw. */
export const lookNow = (): Look => look;

/** As it is now, and drawn anew when it changes. */
export function useLook(): Look {
  return useSyncExternalStore(watch, lookNow);
}

/** Show it and keep it. A browser that keeps nothing shows it all the same. */
export function changeLook(patch: Partial<Look>): void {
  look = { ...look, ...patch };
  set('theme', look.theme === 'system' ? undefined : look.theme);
  set('density', look.density === 'default' ? undefined : look.density);
  try {
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // Private windows refuse.
  }
  for (const each of watching) each();
}

function kept(): Look {
  try {
    return { ...DEFAULT, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Look>) };
  } catch {
    return DEFAULT;
  }
}

function set(name: 'theme' | 'density', value: string | undefined): void {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
}

function watch(changed: () => void): () => void {
  watching.add(changed);
  return () => watching.delete(changed);
}
