import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import s from './Dialog.module.css';

interface Props {
  title: string;
  /** What it is about, such as the alert's title. */
  description?: string;
  children: ReactNode;
  onLeave: () => void;
}

/** Holds the focus until it is answered or left; Escape and the backdrop leave it. */
export function Dialog({ title, description, children, onLeave }: Props) {
  return (
    <Base.Root open onOpenChange={(open) => !open && onLeave()}>
      <Base.Portal>
        <Base.Backdrop className={s.backdrop} />
        <Base.Popup className={s.popup}>
          <Base.Title className={s.title}>{title}</Base.Title>
          {description && <Base.Description className={s.description}>{description}</Base.Description>}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
