import { Popover as Base } from '@base-ui/react/popover';
import { useState } from 'react';
import type { PopoverProps } from './Popover';
import s from './Popover.module.css';

/** A popover that was opened, fetched when the first one is. */
export function PopoverPopup({ title, trigger, children }: PopoverProps) {
  const [open, setOpen] = useState(true);
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
