import { Search } from 'lucide-react';
import { Kbd } from '@/ui/Kbd';
import s from './Jump.module.css';

const COMMAND = /mac/i.test(navigator.platform) ? '⌘K' : 'Ctrl K';

/** Opens the palette: it looks like the field that it opens. */
export function Jump({ onOpen }: { onOpen: () => void }) {
  return (
    <button type="button" className={s.jump} onClick={onOpen} aria-keyshortcuts="Control+K Meta+K">
      <Search size={14} aria-hidden="true" />
      <span className={s.text}>Search or jump</span>
      <Kbd>{COMMAND}</Kbd>
    </button>
  );
}
