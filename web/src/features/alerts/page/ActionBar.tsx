import { MoreHorizontal } from 'lucide-react';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu } from '@/ui/Menu';
import s from './ActionBar.module.css';
import type { Doing, OfferedAction } from './offers';

interface Props {
  offers: readonly OfferedAction[];
  busy: boolean;
  onDo: (name: Doing) => void;
}

/** What can be done now, by button and by key; the next step of triage first to the eye. */
export function ActionBar({ offers, busy, onDo }: Props) {
  const next = offers.find((one) => ['acknowledge', 'start', 'close', 'reopen'].includes(one.name) && !one.why);
  const rare = offers.filter((one) => one.rare);
  if (offers.length === 0) return null;
  return (
    <div className={s.bar} role="toolbar" aria-label="Actions">
      {offers
        .filter((one) => !one.rare)
        .map((one) => (
          <Button
            key={one.name}
            variant={one === next ? 'primary' : 'default'}
            disabled={one.why !== undefined || busy}
            title={one.why}
            onClick={() => onDo(one.name)}
          >
            {one.label}
            <Kbd>{one.hotkey.toUpperCase()}</Kbd>
          </Button>
        ))}
      {rare.length > 0 && (
        <Menu
          trigger={
            <IconButton label="More actions" variant="default">
              <MoreHorizontal size={14} aria-hidden="true" />
            </IconButton>
          }
          items={rare.map((one) => ({
            label: one.label,
            keys: one.hotkey.toUpperCase(),
            why: one.why,
            onSelect: () => onDo(one.name),
          }))}
        />
      )}
    </div>
  );
}
