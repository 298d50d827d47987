import { useEffect, useRef } from 'react';
import { isTyping } from './keys';

export type Hotkeys = Readonly<Record<string, ((event: KeyboardEvent) => void) | undefined>>;

/** Single keys of a page, by `KeyboardEvent.key`. None while somebody types, nor under a dialog or a menu. */
export function useHotkeys(keys: Hotkeys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const act = now.current[event.key];
      if (!act || event.defaultPrevented || isTyping(event)) return;
      // Enter and space on a control are the control's own.
      if ((event.key === 'Enter' || event.key === ' ') && isControl(event.target)) return;
      event.preventDefault();
      act(event);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
