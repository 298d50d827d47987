import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { useStable } from '@/lib/stable';
import { Frame } from '@/ui/Field';
import type { Of } from './fields';
import { Offers } from './Offers';
import s from './QueryField.module.css';
import { useCompletion } from './useCompletion';
import { Wrong, wrongOf } from './Wrong';

interface Props {
  /** What is looked through: whose fields are offered. */
  of: Of;
  label: string;
  help?: string;
  /** What it begins with. */
  first: string;
  /** What the server answered to what is written. */
  error: unknown;
  onChange: (query: string) => void;
  /** Enter, where nothing is offered. */
  onEnter: () => void;
}

/** A query as one of a form's fields, on as many lines as it needs; it helps to write it as the line of lists does. */
export function QueryField({ of, label, help, first, error, onChange, onEnter }: Props) {
  const input = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const { text, write, input: completed, ...line } = useCompletion(of, first, input);
  const tell = useStable(onChange);
  useEffect(() => tell(text), [tell, text]);
  const wrong = wrongOf(error);
  const end = (wrong?.position ?? 0) + Math.max(1, wrong?.length ?? 0);
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // Where nothing is offered, arrows go from line to line.
    if (line.offers.length > 0 || event.key === 'Escape') completed.onKeyDown(event);
    if (event.key !== 'Enter' || event.defaultPrevented) return;
    event.preventDefault();
    line.leave();
    onEnter();
  }
  return (
    <div className={s.field}>
      <Frame id={id} label={label} help={help}>
        <textarea
          ref={input}
          id={id}
          className={s.input}
          rows={3}
          maxLength={4096}
          required
          spellCheck={false}
          autoComplete="off"
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? 'query-error' : undefined}
          {...completed}
          onKeyDown={onKeyDown}
        />
      </Frame>
      {line.offers.length > 0 && <Offers {...line} />}
      {wrong && (
        <>
          <Wrong wrong={wrong} text={text} onInstead={(other) => write(other, other.length)} />
          {wrong.position < text.length && (
            <p className={s.place}>
              {text.slice(Math.max(0, wrong.position - 24), wrong.position)}
              <mark className={s.mark}>{text.slice(wrong.position, end)}</mark>
              {text.slice(end, end + 24)}
            </p>
          )}
        </>
      )}
    </div>
  );
}
