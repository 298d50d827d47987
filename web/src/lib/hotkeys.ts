import { useEffect, useRef } from 'react';
import { type Command, offerCommands } from './commands';
import { isTyping } from './keys';
import { lookNow } from './look';

type Act = (event: KeyboardEvent) => void;

/** With a label, a key stands in the palette and in the help as well. */
interface Labelled {
  label: string;
  run: () => void;
}

export type Hotkeys = Readonly<Record<string, Act | Labelled | undefined>>;

/** Keys of a page, by `KeyboardEvent.key`. None while somebody types, nor under a dialog or a menu. */
export function useHotkeys(keys: Hotkeys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const act = now.current[event.key];
      if (!act || event.defaultPrevented || isTyping(event) || isOff(event.key)) return;
      // Enter and space on a control are the control's own.
      if ((event.key === 'Enter' || event.key === ' ') && isControl(event.target)) return;
      event.preventDefault();
      if (typeof act === 'function') act(event);
      else act.run();
    }
    window.addEventListener('keydown', onKey);
    const end = offerCommands(() => labelled(now.current));
    return () => {
      window.removeEventListener('keydown', onKey);
      end();
    };
  }, []);
}

/** Who speaks to the computer turns off keys that are letters (WCAG 2.1.4); those that write nothing stay. */
export const isOff = (key: string): boolean => key.length === 1 && !lookNow().shortcuts;

function labelled(keys: Hotkeys): Command[] {
  return Object.entries(keys).flatMap(([key, act]) =>
    act && typeof act !== 'function' ? [{ key, label: act.label, run: act.run }] : [],
  );
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
