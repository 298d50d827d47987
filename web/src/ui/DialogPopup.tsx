import { Dialog as Base } from '@base-ui/react/dialog';
import { useEffect, useRef, useState } from 'react';
import { holdShortcuts } from '@/lib/keys';
import type { DialogProps } from './Dialog';
import s from './Dialog.module.css';

/** A dialog's behaviour, fetched when the first one opens. */
export function DialogPopup({ title, description, children, onLeave, size = 'sm' }: DialogProps) {
  const popup = useReturn();
  useEffect(holdShortcuts, []);
  return (
    <Base.Root open onOpenChange={(open) => !open && onLeave()}>
      <Base.Portal>
        <Base.Backdrop className={s.backdrop} />
        <Base.Popup ref={popup} className={s.popup} data-size={size}>
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
  useEffect(() => {
    if (popup.current) befores.set(popup.current, before);
    if (opened.current && document.activeElement === document.body) popup.current?.focus();
    opened.current = true;
  });
  useEffect(
    () => () =>
      queueMicrotask(() => {
        const lost = popup.current === null && document.activeElement === document.body;
        const there = before.find((one) => one.isConnected);
        if (lost && there instanceof HTMLElement) there.focus();
      }),
    [before],
  );
  return popup;
}

function pathBack(): readonly Element[] {
  const now = document.activeElement;
  if (now === null) return [];
  const around = now.closest('[role=dialog]');
  return [now, ...((around && befores.get(around)) ?? [])];
}
