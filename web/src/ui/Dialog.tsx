import { type ReactNode, Suspense } from 'react';
import { later } from '@/lib/later';
import { Button } from './Button';
import { Coming } from './Coming';
import s from './Dialog.module.css';

export interface DialogProps {
  title: string;
  /** What it is about, such as the alert's title. */
  description?: string;
  children: ReactNode;
  onLeave: () => void;
  /** At the side of the page, or in its middle: small for a question, large for a form or a document. */
  size?: 'sm' | 'lg' | 'side';
  /** What it shows is never shown again: a press beside it does not take it away. */
  once?: boolean;
}

const Popup = later(() => import('./DialogPopup'), 'DialogPopup');

/** Holds the focus until it is answered or left, and gives it back; Escape leaves it, and the backdrop unless something was typed. */
export function Dialog(props: DialogProps) {
  return (
    <Suspense fallback={<Coming />}>
      <Popup {...props} />
    </Suspense>
  );
}

/** The last row of a dialog: what leaves it, then what does it. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={s.actions}>{children}</div>;
}

/** Something to be read, and nothing to be answered. */
export function NoticeDialog({ children, done = 'Done', ...dialog }: DialogProps & { done?: string }) {
  return (
    <Dialog {...dialog}>
      {children}
      <DialogActions>
        <Button variant="primary" onClick={dialog.onLeave}>
          {done}
        </Button>
      </DialogActions>
    </Dialog>
  );
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
