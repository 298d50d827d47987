import { type ComponentProps, type ReactNode, useId } from 'react';
import s from './Field.module.css';

interface Labelled {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  /** For what machines read: every character as wide as the others. */
  mono?: boolean;
}

/** One line of text with its label, and what is wrong with it. */
export function TextField({ label, help, error, mono, ...rest }: Labelled & Omit<ComponentProps<'input'>, 'id'>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <input {...rest} {...described(id, help, error)} id={id} className={s.input} data-mono={mono ? '' : undefined} />
    </Frame>
  );
}

/** Several lines of it. */
export function TextArea({ label, help, error, mono, ...rest }: Labelled & Omit<ComponentProps<'textarea'>, 'id'>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <textarea
        {...rest}
        {...described(id, help, error)}
        id={id}
        className={s.input}
        data-mono={mono ? '' : undefined}
      />
    </Frame>
  );
}

/** What stands around a control that is filled in. */
export function Frame({
  id,
  label,
  help,
  error,
  children,
}: Omit<Labelled, 'mono'> & { id: string; children: ReactNode }) {
  return (
    <div className={s.field}>
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      {children}
      {help && (
        <p id={`${id}-help`} className={s.help}>
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={s.error}>
          {error}
        </p>
      )}
    </div>
  );
}

/** What ties a control to the help and the error of its frame. */
export function described(id: string, help: ReactNode, error: string | undefined) {
  const by = [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return { 'aria-invalid': error ? true : undefined, 'aria-describedby': by || undefined };
}
