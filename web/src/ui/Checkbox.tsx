import { type ComponentProps, useEffect, useRef } from 'react';
import s from './Checkbox.module.css';

/** A native one; `indeterminate` where only some of what it stands for is chosen. */
export function Checkbox({ indeterminate = false, ...rest }: ComponentProps<'input'> & { indeterminate?: boolean }) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return <input {...rest} ref={box} type="checkbox" className={s.checkbox} />;
}
