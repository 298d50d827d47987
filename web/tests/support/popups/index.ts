import { readdirSync, readFileSync } from 'node:fs';
import { ADMIN } from './admin';
import { ALERTS } from './alerts';
import { INCIDENT } from './incident';
import { INCIDENTS } from './incidents';
import { SHELL } from './shell';
import type { Place } from './steps';
import { WORK } from './work';

/** All that opens over a page: dialogs, drawers, menus, popovers and lists. */
export const PLACES: readonly Place[] = [...SHELL, ...ALERTS, ...INCIDENTS, ...INCIDENT, ...WORK, ...ADMIN];

const OPENS = /<(Dialog|Dialog\.Root|ConfirmDialog|NoticeDialog|FormDialog|Menu|Popover|Combobox)(?=[\s>])/g;

/** A wrapper that others fill. */
const FRAMES = ['domain/dialogs/FormDialog.tsx', 'domain/ZoneField.tsx'];

/** How many things each file of the product opens. */
export function opened(): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.tsx') || name.endsWith('.test.tsx') || name.startsWith('ui/')) continue;
    if (FRAMES.includes(name)) continue;
    const count = readFileSync(`src/${name}`, 'utf8').match(OPENS)?.length ?? 0;
    if (count > 0) found.set(name, count);
  }
  return found;
}
