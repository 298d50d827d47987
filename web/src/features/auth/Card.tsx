import type { ReactNode } from 'react';
import { Mark } from '@/ui/Mark';
import s from './Card.module.css';

/** A page that stands alone, for who is not in yet. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={s.page}>
      <section className={s.card} aria-labelledby="card">
        <Mark size={32} />
        <h1 id="card" className={s.title}>
          {title}
        </h1>
        {children}
      </section>
    </main>
  );
}
