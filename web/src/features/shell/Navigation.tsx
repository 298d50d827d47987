import { Link } from '@tanstack/react-router';
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
import s from './Navigation.module.css';

const ICONS: Record<Icon, typeof Siren> = {
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

/** The places this person can go to, by group. */
export function Navigation({ groups }: { groups: readonly (readonly [string, readonly Place[]])[] }) {
  return groups.map(([group, places], at) => (
    <div key={group} className={s.group}>
      {/* What comes first needs no name. */}
      {at > 0 && <h2 className={s.name}>{group}</h2>}
      {places.map(({ path, title, nav }) => {
        const Icon = ICONS[nav.icon];
        return (
          <Link key={path} to={path} activeOptions={{ exact: path === '/', includeSearch: false }} className={s.link}>
            <Icon size={15} aria-hidden="true" />
            <span className={s.title}>{title}</span>
          </Link>
        );
      })}
    </div>
  ));
}
