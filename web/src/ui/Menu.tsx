import type { ReactElement, ReactNode } from 'react';
import { later } from '@/lib/later';
import { Deferred, type TriggerProps } from './Deferred';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  /** The shortcut that does the same. */
  keys?: string;
  tone?: 'danger';
  /** Why it cannot be done now. It stays reachable, so that the reason can be read. */
  why?: string | undefined;
  /** The one of several that holds now. */
  chosen?: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  /** A Button or IconButton, which opens it. */
  trigger: ReactElement<TriggerProps>;
  items: readonly (MenuItem | 'line')[];
}

const load = () => import('./MenuPopup');
const Popup = later(load, 'MenuPopup');

/** Things that can be done, under the button that opens them. */
export function Menu(props: MenuProps) {
  return (
    <Deferred trigger={props.trigger} popup="menu" load={load}>
      <Popup {...props} />
    </Deferred>
  );
}
