import { type ComponentProps, type ReactNode, useId } from 'react';
import s from './Switch.module.css';

interface Props extends Omit<ComponentProps<'input'>, 'type' | 'role' | 'id' | 'onChange'> {
  label: string;
  help?: ReactNode;
  onChange?: (on: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, help, onChange, ...rest }: Props) {
  const id = useId();
  return (
    <div className={s.field}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox says by itself whether it is checked
        role="switch"
        className={s.switch}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange?.(event.target.checked)}
      />
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      {help && (
        <p id={`${id}-help`} className={s.help}>
          {help}
        </p>
      )}
    </div>
  );
}
