import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import s from './Changes.module.css';

export interface ChangeLine {
  name: string;
  before: ReactNode;
  after: ReactNode;
  /** Beside its name. */
  note?: ReactNode;
}

/** What was, and what is instead, line by line. What is null or empty is nothing. */
export function Changes({ label, lines }: { label: string; lines: readonly ChangeLine[] }) {
  return (
    <dl className={s.changes} aria-label={label}>
      {lines.map((line) => (
        <div key={line.name} className={s.line}>
          <dt className={s.name}>
            {line.name}
            {line.note}
          </dt>
          <dd className={s.values}>
            <Value said="was" of={line.before} before />
            <ArrowRight size={12} className={s.arrow} aria-hidden="true" />
            <Value said="is now" of={line.after} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ said, of, before = false }: { said: string; of: ReactNode; before?: boolean }) {
  const nothing = of === null || of === undefined || of === '';
  return (
    <span className={s.value} data-before={before ? '' : undefined} data-nothing={nothing ? '' : undefined}>
      <span className="u-visually-hidden">{said} </span>
      {nothing ? 'nothing' : of}
    </span>
  );
}
