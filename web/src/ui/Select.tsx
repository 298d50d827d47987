import { type ComponentProps, useId } from 'react';
import s from './Select.module.css';

interface Props extends Omit<ComponentProps<'select'>, 'id' | 'children'> {
  label: string;
  options: readonly (readonly [value: string, label: string])[];
}

/** One of a few; the browser's own list, which every assistive technology knows. */
export function Select({ label, options, ...rest }: Props) {
  const id = useId();
  return (
    <div className={s.field}>
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      <select {...rest} id={id} className={s.select}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
