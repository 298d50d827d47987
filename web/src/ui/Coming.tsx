import { useEffect } from 'react';
import { holdShortcuts } from '@/lib/keys';

/** In the place of a dialog that is on its way: what is typed meanwhile is meant for it, and is no shortcut of the page. */
export function Coming({ onText }: { onText?: (character: string) => void }) {
  useEffect(() => {
    function hold(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      if (event.key.length === 1) onText?.(event.key);
    }
    window.addEventListener('keydown', hold);
    const release = holdShortcuts();
    return () => {
      window.removeEventListener('keydown', hold);
      release();
    };
  }, [onText]);
  return null;
}
