import { asApiError } from '@/api/problem';
import { Button } from '@/ui/Button';
import s from './QueryBar.module.css';

export interface WrongQuery {
  message: string;
  position: number;
  length: number;
  suggestions: readonly string[];
}

/** What is wrong with a query, and where; undefined where something else is wrong, or nothing. */
export function wrongOf(error: unknown): WrongQuery | undefined {
  if (!error) return undefined;
  const { status, message, fields, body } = asApiError(error);
  if (status !== 422) return undefined;
  const { position = 0, length = 0, suggestions = [] } = (body ?? {}) as Partial<WrongQuery>;
  return { message: fields.get('query') ?? message, position, length, suggestions };
}

interface Props {
  wrong: WrongQuery;
  text: string;
  onInstead: (query: string) => void;
}

/** Said under the line, with what was meant perhaps. */
export function Wrong({ wrong, text, onInstead }: Props) {
  const { message, position, length, suggestions } = wrong;
  const instead = (name: string) => text.slice(0, position) + name + text.slice(position + length);
  return (
    <div id="query-error" className={s.error} role="alert">
      {message}
      {length > 0 &&
        position + length <= text.length &&
        suggestions.map((name) => (
          <Button key={name} size="sm" onClick={() => onInstead(instead(name))}>
            {name}
          </Button>
        ))}
    </div>
  );
}
