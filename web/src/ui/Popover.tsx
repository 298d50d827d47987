import { Popover as Base } from '@base-ui/react/popover';
import { type ReactElement, type ReactNode, useState } from 'react';
import s from './Popover.module.css';

interface Props {
  title: string;
  /** A Button or IconButton, which opens it. */
  trigger: ReactElement;
  /** What is in it; `leave` closes it. */
  children: (leave: () => void) => ReactNode;
}

/** A few controls beside the button that opens them. */
export function Popover({ title, trigger, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <Base.Root open={open} onOpenChange={setOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={s.positioner} sideOffset={4} align="end" collisionPadding={8}>
          <Base.Popup className={s.popup}>
            <Base.Title className={s.title}>{title}</Base.Title>
            {children(() => setOpen(false))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
