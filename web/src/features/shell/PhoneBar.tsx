import { Link, useLocation } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import type { Counts } from './counts';
import { Jump } from './Jump';
import { Me } from './Me';
import { Navigation } from './Navigation';
import s from './PhoneBar.module.css';
import { type Groups, ICONS } from './places';

/** What a thumb reaches; all else is one touch further. */
const FIRST = ['shift', 'alerts', 'incidents'];

interface Props {
  groups: Groups;
  counts: Counts;
  onJump: () => void;
  onShortcuts: () => void;
}

/** The navigation of narrow screens, at their lower end. */
export function PhoneBar({ groups, counts, onJump, onShortcuts }: Props) {
  const [open, setOpen] = useState(false);
  const leave = () => setOpen(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: who has gone somewhere is done here
  useEffect(leave, [pathname]);
  const first = groups.flatMap(([, places]) => places).filter(({ nav }) => FIRST.includes(nav.icon));
  return (
    <nav className={s.bar} aria-label="Main">
      {first.map(({ path, search, title, nav }) => {
        const Icon = ICONS[nav.icon];
        const count = counts[nav.icon];
        return (
          <Link
            key={path}
            to={path}
            search={search}
            activeOptions={{ exact: path === '/', includeSearch: false }}
            className={s.item}
          >
            <Icon size={18} aria-hidden="true" />
            <span>
              {title}
              {count && <span className={s.count}> {count.shown}</span>}
            </span>
          </Link>
        );
      })}
      <button type="button" className={s.item} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Ellipsis size={18} aria-hidden="true" />
        More
      </button>
      {open && (
        <Dialog title="Everything else" size="side" onLeave={leave}>
          <div className={s.more}>
            <Jump
              onOpen={() => {
                leave();
                onJump();
              }}
            />
            <Navigation groups={groups} counts={counts} />
            <Me
              onShortcuts={() => {
                leave();
                onShortcuts();
              }}
            />
          </div>
          <DialogActions>
            <Button onClick={leave}>Close</Button>
          </DialogActions>
        </Dialog>
      )}
    </nav>
  );
}
