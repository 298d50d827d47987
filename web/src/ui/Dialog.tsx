import { Dialog as Base } from '@base-ui/react/dialog';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './Button';
import s from './Dialog.module.css';

interface Props {
  title: string;
  /** What it is about, such as the alert's title. */
  description?: string;
  children: ReactNode;
  onLeave: () => void;
  /** At the side of the page, or in its middle: small for a question, large for a form or a document. */
  size?: 'sm' | 'lg' | 'side';
}

/** Holds the focus until it is answered or left, and gives it back; Escape and the backdrop leave it. */
export function Dialog({ title, description, children, onLeave, size = 'sm' }: Props) {
  const popup = useReturn();
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

/** The last row of a dialog: what leaves it, then what does it. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={s.actions}>{children}</div>;
}

interface ConfirmProps {
  title: string;
  /** What is lost by it, and for whom. */
  children: ReactNode;
  /** The verb on the button: the same that the title has. */
  verb: string;
  busy?: boolean;
  onConfirm: () => void;
  onLeave: () => void;
}

/** Asks once more before what cannot be taken back, or touches many. */
export function ConfirmDialog({ title, children, verb, busy = false, onConfirm, onLeave }: ConfirmProps) {
  return (
    <Dialog title={title} onLeave={onLeave}>
      <div className={s.description}>{children}</div>
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button variant="danger" busy={busy} onClick={onConfirm}>
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
