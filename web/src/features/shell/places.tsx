import {
  Activity,
  ArchiveRestore,
  BellOff,
  BellRing,
  BookOpenCheck,
  Building2,
  ClipboardList,
  Compass,
  FileClock,
  Gauge,
  KeyRound,
  LayoutTemplate,
  ListChecks,
  Radar,
  ReceiptText,
  ShieldAlert,
  Siren,
  Users,
} from 'lucide-react';
import type { Icon } from '@/app/about';
import type { Place } from '@/app/navigation';
import type { Range } from '@/domain/list/range';

/** A place with what is taken along on the way there. */
export interface Way extends Place {
  search: Range;
}

/** The places this person can go to, by group. */
export type Groups = readonly (readonly [group: string, places: readonly Way[]])[];

/** What stands before a place's name. */
export const ICONS: Readonly<Record<Icon, typeof Siren>> = {
  shift: Gauge,
  alerts: Siren,
  incidents: ShieldAlert,
  explorer: Compass,
  handovers: ClipboardList,
  sensors: Radar,
  quarantine: ArchiveRestore,
  suppressions: BellOff,
  rules: BookOpenCheck,
  receipts: ReceiptText,
  status: Activity,
  jobs: ListChecks,
  notifications: BellRing,
  users: Users,
  tokens: KeyRound,
  organization: Building2,
  templates: LayoutTemplate,
  audit: FileClock,
};

/** By the key after G; places without one are left out. */
export function goKeys(groups: Groups): ReadonlyMap<string, Way> {
  const found = new Map<string, Way>();
  for (const [, places] of groups) for (const place of places) if (place.nav.go) found.set(place.nav.go, place);
  return found;
}
