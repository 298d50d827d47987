import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { peopleQuery } from '@/domain/people';
import { useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { fieldOf, momentOf } from '@/lib/zone';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { TextField } from '@/ui/Field';
import { type AuditSearch, isId } from '../search';
import s from './Filters.module.css';

interface Props {
  search: AuditSearch;
  /** Actions that are known, to choose from. */
  actions: readonly string[];
  onChange: (patch: Partial<AuditSearch>) => void;
}

/** Who did what to what, when. All of it is in the URL. */
export function Filters({ search, actions, onChange }: Props) {
  const { data: people = [] } = useQuery(peopleQuery);
  const zone = useZoneLabel();
  const narrowed = Object.entries(search).some(([name, value]) => name !== 'open' && value !== undefined);
  const choices = useMemo(
    () => [...new Map(people.map((one) => [one.id, { value: one.id, label: one.name, hint: one.email }])).values()],
    [people],
  );
  return (
    <search className={s.filters}>
      <Combobox
        label="Who"
        placeholder="Anybody"
        choices={choices}
        value={search.who ?? null}
        onChange={(who) => onChange({ who: who ?? undefined })}
      />
      <TypedField
        key={`action ${search.action}`}
        label="Action"
        placeholder="alert.closed"
        list={actions}
        value={search.action}
        onChange={(action) => onChange({ action })}
      />
      <TypedField
        key={`object ${search.object}`}
        label="Object"
        placeholder="Its id"
        value={search.object}
        wrong={(text) => (isId(text) ? undefined : 'This is no id.')}
        onChange={(object) => onChange({ object })}
      />
      <MomentField label={`From (${zone})`} value={search.from} onChange={(from) => onChange({ from })} />
      <MomentField label={`Until (${zone})`} value={search.to} onChange={(to) => onChange({ to })} />
      {narrowed && (
        <Button
          onClick={() =>
            onChange({ who: undefined, action: undefined, object: undefined, from: undefined, to: undefined })
          }
        >
          Clear filters
        </Button>
      )}
    </search>
  );
}

interface TypedProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  list?: readonly string[];
  wrong?: (text: string) => string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Text that counts when it is whole: on Enter, or when the field is left. */
function TypedField({ label, placeholder, value, list, wrong, onChange }: TypedProps) {
  const [text, setText] = useState(value ?? '');
  const [error, setError] = useState<string | undefined>();
  function done(event?: FormEvent) {
    event?.preventDefault();
    const given = text.trim();
    const mistake = given === '' ? undefined : wrong?.(given);
    setError(mistake);
    if (!mistake && given !== (value ?? '')) onChange(given || undefined);
  }
  return (
    <form onSubmit={done}>
      <TextField
        label={label}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        list={list && 'audit-actions'}
        value={text}
        error={error}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => done()}
      />
      {list && (
        <datalist id="audit-actions">
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </form>
  );
}

interface MomentProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function MomentField({ label, value, onChange }: MomentProps) {
  const { zone } = useLook();
  const [field, setField] = useState(value ? fieldOf(value, zone) : '');
  const shown = value ? fieldOf(value, zone) : '';
  const [known, setKnown] = useState(shown);
  if (known !== shown) {
    setKnown(shown);
    setField(shown);
  }
  return (
    <TextField
      label={label}
      type="datetime-local"
      value={field}
      onChange={(event) => setField(event.target.value)}
      onBlur={() => field !== shown && onChange(momentOf(field, zone))}
      onKeyDown={(event) => event.key === 'Enter' && onChange(momentOf(field, zone))}
    />
  );
}
