import { useQuery } from '@tanstack/react-query';
import { CircleHelp } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/ui/Button';
import { Popover } from '@/ui/Popover';
import { fieldsQuery, type Of } from './fields';
import s from './QueryBar.module.css';

export type Example = readonly [query: string, finds: string];

/** The language is the same everywhere: these hold for all lists. */
const FORMS: readonly Example[] = [
  ['field:value', 'the whole value, whatever the case'],
  ['field:web*', 'what begins so; ? is one character'],
  ['count:>=10  count:[10 TO 20]', 'ranges'],
  ['source.ip:10.0.0.0/8', 'networks'],
  ['last_seen:>now-24h', 'times: s m h d w, or a date'],
  ['tags:*  NOT assignee:*', 'any value, or none'],
  ['a AND (b OR NOT c)', 'AND, OR, NOT in capitals'],
  ['"two words"', 'without a field: wherever it was seen'],
];

interface Props {
  of: Of;
  examples: readonly Example[];
  onTry: (query: string) => void;
}

/** The query language on one page: what can be tried, how it is written, which fields there are. */
export function QueryHelp({ of, examples, onTry }: Props) {
  return (
    <Popover
      title="How to ask"
      trigger={
        <IconButton size="sm" label="How to write queries">
          <CircleHelp size={14} aria-hidden="true" />
        </IconButton>
      }
    >
      {(leave) => (
        <div className={s.help}>
          <ul className={s.examples} aria-label="Examples">
            {examples.map(([query, finds]) => (
              <li key={query}>
                <button
                  type="button"
                  className={s.example}
                  onClick={() => {
                    leave();
                    onTry(query);
                  }}
                >
                  <code>{query}</code>
                  <span>{finds}</span>
                </button>
              </li>
            ))}
          </ul>
          <dl className={s.forms}>
            {FORMS.map(([form, finds]) => (
              <div key={form}>
                <dt>{form}</dt>
                <dd>{finds}</dd>
              </div>
            ))}
          </dl>
          <Fields of={of} />
        </div>
      )}
    </Popover>
  );
}

function Fields({ of }: { of: Of }) {
  const { data = [] } = useQuery(fieldsQuery(of));
  const [wanted, setWanted] = useState('');
  const found = data.filter((one) => `${one.name} ${one.meaning}`.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <div>
      <input
        className={s.find}
        aria-label="Find a field"
        placeholder={`Find one of ${data.length} fields`}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <dl className={s.fields} tabIndex={0} aria-label="Fields">
        {found.map((one) => (
          <div key={one.name}>
            <dt>{one.name}</dt>
            <dd>{one.choices.length > 0 ? one.choices.join(', ') : one.meaning}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
