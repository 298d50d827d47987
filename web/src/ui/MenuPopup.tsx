import { Menu as Base } from '@base-ui/react/menu';
import { Kbd } from './Kbd';
import type { MenuProps } from './Menu';
import s from './Menu.module.css';

/** A menu that was opened, fetched when the first one is. */
export function MenuPopup({ trigger, items }: MenuProps) {
  return (
    <Base.Root defaultOpen>
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
