import { X } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { ANY } from '@/lib/query';
import s from './FilterChips.module.css';
import type { Chosen } from './search';

interface Props {
  chosen: Chosen;
  /** What a field is called. */
  labelOf: (field: string) => string;
  nameOf: (field: string, value: string | number) => ReactNode;
  onChange: (chosen: Chosen) => void;
}

/** What was chosen or left out, by field. A click on a chip's name turns the one into the other. */
export function FilterChips({ chosen, labelOf, nameOf, onChange }: Props) {
  return Object.entries(chosen).map(([key, values]) => {
    const out = key.startsWith('-');
    const field = out ? key.slice(1) : key;
    const label = labelOf(field);
    const { [key]: _, ...others } = chosen;
    const turned = out ? field : `-${field}`;
    const merged = [...new Set([...(others[turned] ?? []), ...values])];
    return (
      <span key={key} className={s.chip} data-out={out ? '' : undefined}>
        <button
          type="button"
          className={s.name}
          title={out ? 'Left out. Filter for it instead' : 'Leave it out instead'}
          onClick={() => onChange({ ...others, [turned]: merged })}
        >
          <span className={s.field}>
            {values[0] === ANY ? `${out ? 'No' : 'Any'} ${label.toLowerCase()}` : `${label} ${out ? 'not ' : ''}`}
          </span>
          {values
            .filter((value) => value !== ANY)
            .map((value, at) => (
              <Fragment key={value}>
                {at > 0 && ', '}
                {nameOf(field, value)}
              </Fragment>
            ))}
        </button>
        <button
          type="button"
          className={s.remove}
          aria-label={`Remove the filter ${label}`}
          onClick={() => onChange(others)}
        >
          <X size={12} aria-hidden="true" />
        </button>
      </span>
    );
  });
}
