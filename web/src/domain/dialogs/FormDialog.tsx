import type { FormEvent, KeyboardEvent, ReactNode } from 'react';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import s from './FormDialog.module.css';
import { Refused } from './Refused';

interface FormProps {
  /** What the button does, in a word or with what it is done to; without one, it is only read. */
  verb?: string | undefined;
  tone?: 'primary' | 'danger';
  busy?: boolean;
  /** Why it was refused. */
  error?: unknown;
  /** Fields that say themselves what is wrong with them. */
  shown?: readonly string[];
  /** Whether it can be sent: false until what it needs is filled in. */
  ready?: boolean;
  /** Why it cannot be sent, where that is not plain to see. */
  why?: string | undefined;
  /** Another way to answer, beside the button. */
  other?: ReactNode;
  /** The fields say what is wrong with them, and not the browser. */
  noValidate?: boolean;
  onSubmit: (given: FormData) => void;
  onLeave: () => void;
  children?: ReactNode;
}

interface Props extends FormProps {
  title: string;
  description?: string | undefined;
  size?: 'sm' | 'lg' | 'side';
}

/** A question with some fields. What is refused is told in it, and what was typed stays. */
export function FormDialog({ title, description, size = 'sm', ...form }: Props) {
  return (
    <Dialog title={title} size={size} onLeave={form.onLeave} {...(description && { description })}>
      <DialogForm {...form} />
    </Dialog>
  );
}

/** The fields of a dialog that has more than them. */
export function DialogForm({
  verb,
  tone = 'primary',
  busy = false,
  error,
  shown,
  ready = true,
  why,
  other,
  noValidate,
  onSubmit,
  onLeave,
  children,
}: FormProps) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    // A form of a dialog that was opened from within another form is no part of that one.
    event.stopPropagation();
    if (ready && !busy && why === undefined) onSubmit(new FormData(event.currentTarget));
  }
  function onKey(event: KeyboardEvent<HTMLFormElement>) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || !verb) return;
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
  return (
    <form className={s.form} noValidate={noValidate} onSubmit={submit} onKeyDown={onKey}>
      {children}
      <Refused error={error} {...(shown && { shown })} />
      <DialogActions>
        <Button onClick={onLeave}>{verb ? 'Cancel' : 'Close'}</Button>
        {other}
        {verb && (
          <Button type="submit" variant={tone} busy={busy} disabled={!ready || why !== undefined} title={why}>
            {verb}
          </Button>
        )}
      </DialogActions>
    </form>
  );
}

/** What a field of a form was given, without spaces around it. */
export const given = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();
