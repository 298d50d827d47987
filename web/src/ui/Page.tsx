import type { ReactNode } from 'react';
import s from './Page.module.css';

interface Props {
  title: ReactNode;
  /** Beside the title: a count, a state. */
  beside?: ReactNode;
  actions?: ReactNode;
  /** Under the head and above what scrolls: tabs, filters, a banner. */
  under?: ReactNode;
  children: ReactNode;
  /** What reads as text is held to a width that can be read. */
  narrow?: boolean;
}

/** A page that scrolls under its head. */
export function Page({ title, beside, actions, under, narrow = false, children }: Props) {
  return (
    <div className={s.page}>
      <header className={s.head}>
        <h1 className={s.title}>{title}</h1>
        {beside}
        {actions && <div className={s.actions}>{actions}</div>}
      </header>
      {under}
      <div className={s.body}>
        <div className={s.content} data-narrow={narrow ? '' : undefined}>
          {children}
        </div>
      </div>
    </div>
  );
}

/** A part of a page with a title of its own. */
export function Section({
  title,
  beside,
  actions,
  children,
  flush = false,
}: {
  title: ReactNode;
  beside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** What is in it goes to its edges, as tables do. */
  flush?: boolean;
}) {
  return (
    <section className={s.section}>
      <header className={s.sectionHead}>
        <h2 className={s.sectionTitle}>{title}</h2>
        {beside}
        {actions && <div className={s.actions}>{actions}</div>}
      </header>
      <div className={s.sectionBody} data-flush={flush ? '' : undefined}>
        {children}
      </div>
    </section>
  );
}

/** Parts side by side where there is room: so many columns of the same width, a wide one and a narrow one, or fields. */
export function Columns({ children, kind = 'even' }: { children: ReactNode; kind?: 'even' | 'main' | 'fields' }) {
  return (
    <div className={s.columns} data-kind={kind}>
      {children}
    </div>
  );
}

/** Parts one under the other. */
export function Stack({ children, gap = 'md' }: { children: ReactNode; gap?: 'sm' | 'md' | 'lg' }) {
  return (
    <div className={s.stack} data-gap={gap}>
      {children}
    </div>
  );
}

/** Controls in a row, which break into more rows where there is no room. */
export function Row({ children, end = false }: { children: ReactNode; end?: boolean }) {
  return (
    <div className={s.row} data-end={end ? '' : undefined}>
      {children}
    </div>
  );
}
