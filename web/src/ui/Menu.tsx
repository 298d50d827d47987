import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './Kbd';
import s from './Menu.module.css';

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

interface Props {
  /** A Button or IconButton, which opens it. */
  trigger: ReactElement;
  items: readonly (MenuItem | 'line')[];
}

/** Things that can be done, under the button that opens them. */
export function Menu({ trigger, items }: Props) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={s.positioner} sideOffset={4} align="start">
          <Base.Popup className={s.popup}>
            {items.map((item, at) =>
              item === 'line' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing else
                <Base.Separator key={`line-${at}`} className={s.line} />
              ) : (
                <Base.Item
                  key={item.label}
                  className={s.item}
                  disabled={item.why !== undefined}
                  onClick={item.onSelect}
                  data-tone={item.tone}
                  aria-current={item.chosen || undefined}
                >
                  {item.icon}
                  <span className={s.label}>
                    {item.label}
                    {item.why && <span className={s.why}>{item.why}</span>}
                  </span>
                  {item.keys && <Kbd>{item.keys}</Kbd>}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
