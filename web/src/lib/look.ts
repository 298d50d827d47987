/** What a person chose for this browser alone: looks, never data nor secrets. */
export interface Look {
  theme: 'system' | 'dark' | 'light';
  density: 'compact' | 'default' | 'comfortable';
}

const KEY = 'eventsec.look';
const DEFAULT_LOOK: Look = { theme: 'system', density: 'default' };

/** As it was kept; the defaults where nothing was, or something else. */
export function keptLook(): Look {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Look>;
    return { ...DEFAULT_LOOK, ...kept };
  } catch {
    return DEFAULT_LOOK;
  }
}

/** Show it and keep it. A browser that keeps nothing shows it all the same. */
export function applyLook(look: Look): void {
  set('theme', look.theme === 'system' ? undefined : look.theme);
  set('density', look.density === 'default' ? undefined : look.density);
  try {
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // Private windows refuse.
  }
}

function set(name: 'theme' | 'density', value: string | undefined): void {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
}
