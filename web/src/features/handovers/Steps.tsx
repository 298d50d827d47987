import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import { words } from '@/lib/format';
import { useRested } from '@/lib/useRested';
import { Button, IconButton } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { TextArea } from '@/ui/Field';
import { moved } from './draft';
import { candidatesQuery, type Handover, type Item } from './queries';
import s from './Steps.module.css';

/** What is to be done next, incident by incident. */
export function StepsRead({ items }: { items: readonly Item[] }) {
  if (items.length === 0) return <p className={s.none}>No incident was handed over by name.</p>;
  return (
    <ol className={s.steps}>
      {items.map((item) => (
        <li key={item.incident_id} className={s.step}>
          <Incident item={item} />
          <p className={s.text}>{item.next_step}</p>
        </li>
      ))}
    </ol>
  );
}

interface Props {
  organizationId: string;
  snapshot: Handover['snapshot'];
  items: readonly Item[];
  onChange: (items: readonly Item[]) => void;
}

/** The same, to be written; what the snapshot found is one touch away. */
export function StepsWrite({ organizationId, snapshot, items, onChange }: Props) {
  const known = new Set(items.map((one) => one.incident_id));
  const found = [...snapshot.new.items, ...snapshot.over_age.items, ...snapshot.waiting.items];
  const missing = [...new Map(found.map((one) => [one.id, one])).values()].filter(
    (one) => !known.has(one.id) && one.status !== 'closed' && one.status !== 'merged',
  );
  const set = (at: number, next_step: string) =>
    onChange(items.map((item, index) => (index === at ? { ...item, next_step } : item)));
  return (
    <>
      <ol className={s.steps}>
        {items.map((item, at) => (
          <li key={item.incident_id} className={s.step}>
            <div className={s.head}>
              <Incident item={item} />
              <IconButton
                size="sm"
                label={`Move #${item.number} up`}
                disabled={at === 0}
                onClick={() => onChange(moved(items, at, -1))}
              >
                <ArrowUp size={13} aria-hidden="true" />
              </IconButton>
              <IconButton
                size="sm"
                label={`Move #${item.number} down`}
                disabled={at === items.length - 1}
                onClick={() => onChange(moved(items, at, 1))}
              >
                <ArrowDown size={13} aria-hidden="true" />
              </IconButton>
              <IconButton
                size="sm"
                label={`Leave out #${item.number}`}
                onClick={() => onChange(items.filter((one) => one !== item))}
              >
                <X size={13} aria-hidden="true" />
              </IconButton>
            </div>
            <TextArea
              label={`Next step of #${item.number}`}
              rows={2}
              maxLength={2_000}
              value={item.next_step}
              onChange={(event) => set(at, event.target.value)}
            />
          </li>
        ))}
      </ol>
      <div className={s.add}>
        <AddIncident organizationId={organizationId} known={known} onAdd={(item) => onChange([...items, item])} />
        {missing.length > 0 && (
          <Button onClick={() => onChange([...items, ...missing.map(itemOf)])}>
            Add the {missing.length} unfinished of the snapshot
          </Button>
        )}
      </div>
    </>
  );
}

function AddIncident(props: { organizationId: string; known: ReadonlySet<string>; onAdd: (item: Item) => void }) {
  const [text, setText] = useState('');
  const found = useQuery(candidatesQuery(props.organizationId, useRested(text)));
  const open = (found.data ?? []).filter((one) => !props.known.has(one.id));
  return (
    <div className={s.pick}>
      <Combobox
        label="Add an incident"
        placeholder="A word of its title"
        choices={open.map((one) => ({
          value: one.id,
          label: `#${one.number} ${one.title}`,
          hint: severityLabel(one.severity),
        }))}
        value={null}
        onType={setText}
        onChange={(id) => {
          const one = open.find((each) => each.id === id);
          if (one) props.onAdd(itemOf(one));
        }}
      />
    </div>
  );
}

function Incident({ item }: { item: Item }) {
  return (
    <div className={s.incident}>
      <SeverityGlyph severity={item.severity} />
      <span className="u-visually-hidden">{severityLabel(item.severity)}</span>
      <Link to={PATHS.incident} params={{ incidentId: item.incident_id }} className="u-strong">
        #{item.number} {item.title}
      </Link>
      <span className="u-subtle">{words(item.status)}</span>
    </div>
  );
}

const itemOf = ({
  id,
  number,
  title,
  severity,
  status,
}: Omit<Item, 'incident_id' | 'next_step'> & { id: string }): Item => ({
  incident_id: id,
  number,
  title,
  severity,
  status,
  next_step: '',
});
