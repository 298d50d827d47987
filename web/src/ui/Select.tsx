import { type ComponentProps, type ReactNode, useId } from 'react';
import { described, Frame } from './Field';
import s from './Field.module.css';

interface Props extends Omit<ComponentProps<'select'>, 'id' | 'children'> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
}

/** One of a few; the browser's own list, which every assistive technology knows. */
export function Select({ label, help, error, options, ...rest }: Props) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select {...rest} {...described(id, help, error)} id={id} className={s.input}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Frame>
  );
}
