import { Suspense } from 'react';
import { later } from '@/lib/later';
import s from './Combobox.module.css';
import { Frame } from './Field';

export interface Choice {
  value: string;
  label: string;
  /** Tells it from others of the same name. */
  hint?: string | undefined;
}

export interface ComboboxProps {
  label: string;
  help?: string;
  error?: string | undefined;
  choices: readonly Choice[];
  value: string | null;
  onChange: (value: string | null) => void;
  /** What is said while nothing is chosen. */
  placeholder?: string;
  required?: boolean;
  autoFocus?: boolean;
  /** Where the server looks: what was typed so far. `choices` are its answer then. */
  onType?: (text: string) => void;
}

const Input = later(() => import('./ComboboxInput'), 'ComboboxInput');

/** One of many, found by typing a part of its name. */
export function Combobox(props: ComboboxProps) {
  const { label, help, placeholder } = props;
  return (
    <Suspense
      fallback={
        <Frame id="" label={label} help={help}>
          <input className={s.input} placeholder={placeholder} aria-label={label} disabled />
        </Frame>
      }
    >
      <Input {...props} />
    </Suspense>
  );
}
