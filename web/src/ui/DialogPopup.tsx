import { Dialog as Base } from '@base-ui/react/dialog';
import { useCallback, useEffect, useRef, useState } from 'react';
import { holdShortcuts } from '@/lib/keys';
import type { DialogProps } from './Dialog';
import s from './Dialog.module.css';

/** A dialog's behaviour, fetched when the first one opens. */
export function DialogPopup({ title, description, children, onLeave, size = 'sm', once = false }: DialogProps) {
  const [typed, setTyped] = useState(false);
  const { keep, back } = useReturn();
  useEffect(holdShortcuts, []);
  return (
    <Base.Root open disablePointerDismissal={once || typed} onOpenChange={(open) => !open && onLeave()}>
      <Base.Portal>
        <Base.Backdrop className={s.backdrop} />
        <Base.Popup ref={keep} className={s.popup} data-size={size} finalFocus={back} onInput={() => setTyped(true)}>
          <Base.Title className={s.title}>{title}</Base.Title>
          {description && <Base.Description className={s.description}>{description}</Base.Description>}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Where the focus was before each dialog that was opened, the latest first. */
const befores = new WeakMap<Element, readonly Element[]>();

/**
 * The focus goes back to where it was, unless whoever took the dialog away has put it elsewhere. One that stands in the
 * place of another gives it back to where it was before that one. What had it inside and is gone leaves it to the dialog.
 */
function useReturn() {
  const popup = useRef<HTMLDivElement>(null);
  const [before] = useState(pathBack);
  const opened = useRef(false);
  const keep = useCallback(
    (node: HTMLDivElement | null) => {
      // It is asked for when it is gone already.
      if (node === null) return;
      popup.current = node;
      befores.set(node, before);
    },
    [before],
  );
  useEffect(() => {
    if (opened.current && document.activeElement === document.body) popup.current?.focus();
    opened.current = true;
  });
  function back() {
    const now = document.activeElement;
    const elsewhere = now !== null && now !== document.body && !popup.current?.contains(now);
    // The page itself has no place for it: asked to take it, it would hand it to its first link.
    const there = before.find((one) => one.isConnected && one !== document.body);
    return !elsewhere && there instanceof HTMLElement ? there : false;
  }
  return { keep, back };
}

/** What has the focus now; where that is in something open, what opened it, for it closes. */
function pathBack(): readonly Element[] {
  const now = document.activeElement;
  if (now === null) return [];
  const around = now.closest('[role=dialog], [role=menu]');
  const opener = around?.id ? document.querySelector(`[aria-controls="${CSS.escape(around.id)}"]`) : null;
  return [now, ...(opener ? [opener] : []), ...((around && befores.get(around)) ?? [])];
}
