import { useEffect, useRef } from 'react';

/** Cmd+K or Ctrl+K, also while somebody types, but not over another dialog. */
export function usePaletteKey(open: () => void): void {
  const now = useRef(open);
  now.current = open;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') === null) now.current();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
