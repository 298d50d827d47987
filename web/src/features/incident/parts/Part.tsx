import type { ReactNode } from 'react';
import s from './Part.module.css';

interface Props {
  title: string;
  beside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a tab or of the side, with its name. */
export function Part({ title, beside, actions, children }: Props) {
  return (
    <section className={s.part} aria-label={title}>
      <header className={s.head}>
        <h2 className={s.title}>{title}</h2>
        {beside}
        {actions && <div className={s.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
