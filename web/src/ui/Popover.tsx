import type { ReactElement, ReactNode } from 'react';
import { later } from '@/lib/later';
import { Deferred, type TriggerProps } from './Deferred';

export interface PopoverProps {
  title: string;
  /** A Button or IconButton, which opens it. */
  trigger: ReactElement<TriggerProps>;
  /** What is in it; `leave` closes it. */
  children: (leave: () => void) => ReactNode;
}

const load = () => import('./PopoverPopup');
const Popup = later(load, 'PopoverPopup');

/** A few controls beside the button that opens them. */
export function Popover(props: PopoverProps) {
  return (
    <Deferred trigger={props.trigger} popup="dialog" load={load}>
      <Popup {...props} />
    </Deferred>
  );
}
