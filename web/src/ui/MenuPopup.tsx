import { Menu as Base } from '@base-ui/react/menu';
import { useRef } from 'react';
import { Kbd } from './Kbd';
import type { MenuProps } from './Menu';
import s from './Menu.module.css';

/** A menu that was opened, fetched when the first one is. */
export function MenuPopup({ trigger, items }: MenuProps) {
  const opener = useRef<HTMLButtonElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  // A key may have opened it while the page had the focus: its button has it afterwards, never the page's first link.
  function back() {
    const now = document.activeElement;
    const elsewhere = now !== document.body && !popup.current?.contains(now);
    return !elsewhere && opener.current ? opener.current : false;
  }
  return (
    <Base.Root defaultOpen>
      <Base.Trigger ref={opener} render={trigger} />
      <Base.Portal>
        <Base.Positioner className={s.positioner} sideOffset={4} align="start">
          <Base.Popup ref={popup} className={s.popup} finalFocus={back}>
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
