import { useEffect } from 'react';

/** In the place of a dialog that is on its way: what is typed meanwhile is meant for it, and is no shortcut of the page. */
export function Coming({ onText }: { onText?: (character: string) => void }) {
  useEffect(() => {
    function hold(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      if (event.key.length === 1) onText?.(event.key);
    }
    window.addEventListener('keydown', hold, { capture: true });
    return () => window.removeEventListener('keydown', hold, { capture: true });
  }, [onText]);
  return null;
}
