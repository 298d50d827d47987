import { type ReactNode, useId } from 'react';
import s from './Segmented.module.css';

interface Props<V extends string | number> {
  label: string;
  options: readonly (readonly [value: V, label: ReactNode])[];
  value: V;
  onChange: (value: V) => void;
  /** Its name is told only to those who cannot see what it stands beside. */
  bare?: boolean;
}

/** One of two to four, all of them in sight; arrow keys go from one to the next. */
export function Segmented<V extends string | number>({ label, options, value, onChange, bare = false }: Props<V>) {
  const name = useId();
  return (
    <fieldset className={s.field}>
      <legend className={bare ? 'u-visually-hidden' : s.label}>{label}</legend>
      <div className={s.row}>
        {options.map(([one, said]) => (
          <label key={one} className={s.option}>
            <input
              type="radio"
              name={name}
              className={s.input}
              checked={one === value}
              onChange={() => onChange(one)}
            />
            {said}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
