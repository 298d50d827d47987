import type { ReactNode } from 'react';
import { Section } from '@/ui/Page';

interface Part<T> {
  value?: T | null;
  reason?: string | null;
}

interface Props<T> {
  title: string;
  of: Part<T>;
  beside?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  children: (value: T) => ReactNode;
}

/** One part of the system, or why it is not known: no part hides another. */
export function Panel<T>({ title, of, children, flush = false, ...head }: Props<T>) {
  const { value, reason } = of;
  const known = value !== null && value !== undefined;
  return (
    <Section title={title} flush={flush && known} {...head}>
      {known ? children(value) : <p className="u-muted">Not known now{reason ? `: ${reason}` : ''}.</p>}
    </Section>
  );
}
