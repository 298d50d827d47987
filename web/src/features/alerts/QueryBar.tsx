import { Search } from 'lucide-react';
import { type FormEvent, useRef } from 'react';
import { asApiError } from '@/api/problem';
import { useHotkeys } from '@/lib/hotkeys';
import { Kbd } from '@/ui/Kbd';
import s from './QueryBar.module.css';

interface Props {
  query: string | undefined;
  /** What the list answered: what is wrong with the query stands below it. */
  error: unknown;
  onQuery: (query: string | undefined) => void;
}

/** One line of the query language. */
export function QueryBar({ query, error, onQuery }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const refused = error ? asApiError(error) : undefined;
  const wrong = refused?.status === 422 ? (refused.fields.get('query') ?? refused.message) : undefined;
  useHotkeys({ '/': () => input.current?.focus() });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onQuery(input.current?.value.trim() || undefined);
    input.current?.blur();
  }
  return (
    <search className={s.bar}>
      <form className={s.box} onSubmit={submit}>
        <Search size={14} aria-hidden="true" />
        <input
          key={query ?? ''}
          ref={input}
          className={s.input}
          defaultValue={query ?? ''}
          aria-label="Query"
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? 'query-error' : undefined}
          placeholder="severity:>=high AND source.ip:10.0.0.0/8"
          maxLength={4096}
          spellCheck={false}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <Kbd>/</Kbd>
      </form>
      {wrong && (
        <p id="query-error" className={s.error} role="alert">
          {wrong}
        </p>
      )}
    </search>
  );
}
