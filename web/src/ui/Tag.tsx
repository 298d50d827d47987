import type { ReactNode } from 'react';
import s from './Tag.module.css';

/** A short word that things have in common. */
export function Tag({
  children,
  tone,
}: {
  children: ReactNode;
  tone?: 'accent' | 'danger' | 'success' | 'warning' | undefined;
}) {
  return (
    <span className={s.tag} data-tone={tone}>
      {children}
    </span>
  );
}
