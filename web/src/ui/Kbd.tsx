import s from './Kbd.module.css';

/** A key, as it stands on the control that does the same. */
export function Kbd({ children }: { children: string }) {
  return <kbd className={s.kbd}>{children}</kbd>;
}
