import { type ReactNode, useId } from 'react';
import { Checkbox } from '@/ui/Checkbox';
import s from './PickList.module.css';

interface Props<T> {
  label: string;
  rows: readonly T[];
  chosen: ReadonlySet<string>;
  /** Only one can be chosen. */
  one?: boolean;
  onToggle: (row: T) => void;
  children: (row: T) => ReactNode;
}

/** What was found, each to be chosen. */
export function PickList<T extends { id: string }>({ label, rows, chosen, one, onToggle, children }: Props<T>) {
  const group = useId();
  return (
    <ul className={s.list} aria-label={label}>
      {rows.map((row) => {
        const box = { checked: chosen.has(row.id), onChange: () => onToggle(row) };
        return (
          <li key={row.id}>
            {/* biome-ignore lint/a11y/noLabelWithoutControl: either of the two is in it */}
            <label className={s.row}>
              {one ? <input type="radio" name={group} {...box} /> : <Checkbox {...box} />}
              {children(row)}
            </label>
          </li>
        );
      })}
    </ul>
  );
}

/** What it is called, which gives way where there is no room, and why it is there. */
export const Named = ({ children, hint }: { children: ReactNode; hint?: ReactNode }) => (
  <span className={s.name}>
    {children}
    {hint && <span className={s.hint}>{hint}</span>}
  </span>
);

/** Each of them once, where it stands first. */
export const once = <T extends { id: string }>(rows: readonly T[]): T[] =>
  rows.filter((row, at) => rows.findIndex((other) => other.id === row.id) === at);
