import {
  type ComponentProps,
  cloneElement,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  Suspense,
  useState,
} from 'react';

export type TriggerProps = Pick<
  ComponentProps<'button'>,
  'onClick' | 'onFocus' | 'onKeyDown' | 'onPointerEnter' | 'aria-haspopup' | 'aria-expanded'
>;

interface Props {
  /** A Button or IconButton. */
  trigger: ReactElement<TriggerProps>;
  popup: 'menu' | 'dialog';
  /** Fetches what opens; it is on its way before anybody presses. */
  load: () => Promise<unknown>;
  /** The same trigger with what it opens, open. */
  children: ReactNode;
}

/** A trigger whose popup is made when it is first opened: what most pages have is not what most people press. */
export function Deferred({ trigger, popup, load, children }: Props) {
  const [wanted, setWanted] = useState(false);
  if (wanted) return <Suspense fallback={trigger}>{children}</Suspense>;
  // One that cannot be fetched now is tried again when it is pressed.
  const ahead = () => void load().catch(() => undefined);
  return cloneElement(trigger, {
    'aria-haspopup': popup,
    'aria-expanded': false,
    onPointerEnter: ahead,
    onFocus: ahead,
    onClick: (event: MouseEvent<HTMLButtonElement>) => {
      trigger.props.onClick?.(event);
      setWanted(true);
    },
    onKeyDown: (event: KeyboardEvent<HTMLButtonElement>) => {
      if (popup !== 'menu' || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      event.preventDefault();
      setWanted(true);
    },
  });
}
