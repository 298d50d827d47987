import type { FormEvent, ReactNode } from 'react';
import { Refused } from '@/domain/Refused';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import s from './FormDialog.module.css';

interface Props {
  title: string;
  description?: string | undefined;
  /** What the button does, in a word. */
  verb: string;
  tone?: 'primary' | 'danger';
  busy: boolean;
  /** Why it was refused. */
  error?: unknown;
  /** Why it cannot be sent yet. */
  why?: string | undefined;
  size?: 'sm' | 'lg';
  onSubmit: (given: FormData) => void;
  onLeave: () => void;
  children: ReactNode;
}

/** A question with some fields. What is refused is told in it, and what was typed stays. */
export function FormDialog({
  title,
  description,
  verb,
  tone = 'primary',
  busy,
  error,
  why,
  size = 'sm',
  ...rest
}: Props) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    // A form of a dialog that was opened from within another form is no part of that one.
    event.stopPropagation();
    rest.onSubmit(new FormData(event.currentTarget));
  }
  return (
    <Dialog title={title} size={size} onLeave={rest.onLeave} {...(description && { description })}>
      <form className={s.form} onSubmit={submit}>
        <Refused error={error} />
        {rest.children}
        <DialogActions>
          <Button onClick={rest.onLeave}>Cancel</Button>
          <Button type="submit" variant={tone} busy={busy} disabled={why !== undefined} title={why}>
            {verb}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What a field of a form was given, without spaces around it. */
export const given = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();
