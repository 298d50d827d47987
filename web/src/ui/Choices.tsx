import { type ReactNode, useId } from 'react';
import { Checkbox } from './Checkbox';
import s from './Choices.module.css';

export interface Choosable<V> {
  value: V;
  label: ReactNode;
  hint?: ReactNode;
}

interface Props<V> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  options: readonly Choosable<V>[];
  value: readonly V[];
  onChange: (value: V[]) => void;
  disabled?: boolean;
  /** As many beside each other as there is room for, or one under the other. */
  dense?: boolean;
}

/** Some of a few, each with its box. They keep the order of the options. */
export function Choices<V extends string | number>(props: Props<V>) {
  const { label, help, error, options, value, onChange, disabled, dense = false } = props;
  const id = useId();
  const toggle = (one: V, on: boolean) =>
    onChange(options.map((each) => each.value).filter((each) => (each === one ? on : value.includes(each))));
  return (
    <fieldset className={s.field} aria-describedby={help || error ? id : undefined} disabled={disabled}>
      <legend className={s.legend}>{label}</legend>
      <div className={s.options} data-dense={dense ? '' : undefined}>
        {options.map((option) => (
          <label key={option.value} className={s.option}>
            <Checkbox
              checked={value.includes(option.value)}
              aria-invalid={error ? true : undefined}
              onChange={(event) => toggle(option.value, event.target.checked)}
            />
            <span>
              {option.label}
              {option.hint && <span className={s.hint}>{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
      <div id={id}>
        {help && <p className={s.help}>{help}</p>}
        {error && <p className={s.error}>{error}</p>}
      </div>
    </fieldset>
  );
}
