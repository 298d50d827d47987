import { Combobox as Base } from '@base-ui/react/combobox';
import { useId } from 'react';
import type { Choice, ComboboxProps } from './Combobox';
import s from './Combobox.module.css';
import { described, Frame } from './Field';

/** The behaviour of a combobox, fetched when the first one is shown. */
export function ComboboxInput({ label, help, error, choices, value, onChange, onType, ...input }: ComboboxProps) {
  const id = useId();
  const chosen = choices.find((one) => one.value === value) ?? null;
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <Base.Root
        items={choices}
        value={chosen}
        onValueChange={(next: Choice | null) => onChange(next?.value ?? null)}
        {...(onType && { onInputValueChange: onType, filter: null })}
        itemToStringLabel={(one: Choice) => one.label}
        isItemEqualToValue={(one: Choice, other: Choice) => one.value === other.value}
      >
        <Base.Input
          id={id}
          className={s.input}
          {...described(id, help, error)}
          // In a popover its label is hidden from who listens while the list is open.
          aria-label={label}
          onKeyDown={(event) => {
            // Escape is one level back: it closes the list, then what the field stands in, and takes no choice away.
            const closed = event.currentTarget.getAttribute('aria-expanded') !== 'true';
            if (event.key === 'Escape' && closed) event.preventBaseUIHandler();
          }}
          {...input}
        />
        <Base.Portal>
          <Base.Positioner className={s.positioner} sideOffset={4}>
            <Base.Popup className={s.popup}>
              <Base.Empty className={s.empty}>Nothing of that name.</Base.Empty>
              <Base.List className={s.list} aria-label={label}>
                {(one: Choice) => (
                  <Base.Item key={one.value} value={one} className={s.item}>
                    {one.label}
                    {one.hint && <span className={s.hint}>{one.hint}</span>}
                  </Base.Item>
                )}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </Frame>
  );
}
