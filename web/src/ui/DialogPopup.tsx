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

/** The focus goes back to where it was, unless whoever took the dialog away has put it elsewhere. */
function useReturn() {
  const popup = useRef<HTMLDivElement>(null);
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () =>
      queueMicrotask(() => {
        const lost = popup.current === null && document.activeElement === document.body;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
      }),
    [before],
  );
  return popup;
}
