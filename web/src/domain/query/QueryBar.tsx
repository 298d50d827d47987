import { Search, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useRef } from 'react';
import { useHotkeys } from '@/lib/hotkeys';
import { IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import type { Of } from './fields';
import { Offers } from './Offers';
import s from './QueryBar.module.css';
import { type Example, QueryHelp } from './QueryHelp';
import { useCompletion, type ValuesOf } from './useCompletion';
import { Wrong, wrongOf } from './Wrong';

interface Props {
  /** What is looked through: whose fields are offered. */
  of: Of;
  query: string | undefined;
  /** What the list answered: what is wrong with the query is shown where it is wrong. */
  error: unknown;
  onQuery: (query: string | undefined) => void;
  placeholder: string;
  examples: readonly Example[];
  /** Values of a field that were seen, the most frequent first. */
  valuesOf?: ValuesOf;
  /** What else is chosen, in front of what is typed. */
  chips?: ReactNode;
  /** Beside the box: the range, the saved view. */
  beside?: ReactNode;
}

/** One line of the query language, which helps to write it. Another query from elsewhere begins it anew. */
export function QueryBar(props: Props) {
  return (
    <search className={s.bar}>
      <Line {...props} key={props.query ?? ''} />
      {props.beside}
    </search>
  );
}

function Line({ of, query, error, onQuery, placeholder, examples, valuesOf, chips }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const line = useCompletion(of, query ?? '', input, valuesOf);
  const { text } = line;
  const wrong = text === (query ?? '') ? wrongOf(error) : undefined;
  useHotkeys({ '/': { label: 'Search', run: () => input.current?.focus() } });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    line.leave();
    onQuery(text.trim() || undefined);
  }
  function ask(other: string) {
    line.write(other, other.length);
    onQuery(other.trim() || undefined);
  }
  return (
    <form className={s.form} onSubmit={submit}>
      <div className={s.box} data-wrong={wrong ? '' : undefined}>
        <Search size={14} aria-hidden="true" />
        {chips}
        <div className={s.line}>
          <input
            ref={input}
            className={s.input}
            aria-label="Query"
            aria-invalid={wrong ? true : undefined}
            aria-describedby={wrong ? 'query-error' : undefined}
            placeholder={placeholder}
            maxLength={4096}
            spellCheck={false}
            autoComplete="off"
            {...line.input}
          />
          {wrong && (
            <span
              className={s.mark}
              aria-hidden="true"
              style={{ left: `${wrong.position}ch`, width: `${Math.max(1, wrong.length)}ch` }}
            />
          )}
        </div>
        {text !== '' && (
          <IconButton size="sm" label="Clear the query" onClick={() => ask('')}>
            <X size={13} aria-hidden="true" />
          </IconButton>
        )}
        <QueryHelp of={of} examples={examples} onTry={ask} />
        <Kbd>/</Kbd>
      </div>
      {line.offers.length > 0 && <Offers {...line} />}
      {wrong && <Wrong wrong={wrong} text={text} onInstead={ask} />}
    </form>
  );
}
