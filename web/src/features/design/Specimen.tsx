import type { ReactNode } from 'react';
import { Section } from '@/ui/Page';
import s from './Design.module.css';

interface Props {
  name: string;
  /** When to take it, and not another. */
  use: string;
  children: ReactNode;
}

/** A component by its name, with when to use it, in all its states. */
export function Specimen({ name, use, children }: Props) {
  return (
    <Section title={name} beside={<span className={s.use}>{use}</span>}>
      {children}
    </Section>
  );
}

/** States side by side, each with its name. */
export function States({ of }: { of: readonly (readonly [state: string, shown: ReactNode])[] }) {
  return (
    <dl className={s.states}>
      {of.map(([state, shown]) => (
        <div key={state} className={s.state}>
          <dt>{state}</dt>
          <dd>{shown}</dd>
        </div>
      ))}
    </dl>
  );
}
