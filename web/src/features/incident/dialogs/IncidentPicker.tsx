import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState } from 'react';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { formatCount } from '@/lib/format';
import { Checkbox } from '@/ui/Checkbox';
import { TextField } from '@/ui/Field';
import { foundIncidentsQuery } from '../lookups';
import type { IncidentRow } from '../queries';
import s from './IncidentPicker.module.css';

interface Props {
  /** The incident that is not offered. */
  not: string;
  chosen: readonly IncidentRow[];
  onChange: (chosen: readonly IncidentRow[]) => void;
  /** Only one can be chosen. */
  one?: boolean;
  /** In which states it may be. */
  accepts?: (row: IncidentRow) => boolean;
}

/** `#12` and `12` are numbers, all else is a query. */
export const incidentQueryOf = (text: string): string => {
  const number = /^#?(\d+)$/.exec(text.trim())?.[1];
  return number ? `number:${number}` : text.trim();
};

/** Other incidents, found by number, by words of their title, or by any query. */
export function IncidentPicker({ not, chosen, onChange, one = false, accepts = () => true }: Props) {
  const [text, setText] = useState('');
  const query = useDeferredValue(incidentQueryOf(text));
  const found = useQuery(foundIncidentsQuery(query));
  const group = useId();
  const ids = new Set(chosen.map((row) => row.id));
  const rows = (found.data?.items ?? []).filter((row) => row.id !== not && accepts(row));
  const shown = [...chosen.filter((row) => !rows.some((other) => other.id === row.id)), ...rows];
  function toggle(row: IncidentRow) {
    if (one) return onChange([row]);
    return onChange(ids.has(row.id) ? chosen.filter((other) => other.id !== row.id) : [...chosen, row]);
  }
  return (
    <div className={s.picker}>
      <TextField
        label="Find an incident"
        help="By number, by words, or by a query such as observable:198.51.100.7"
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      {query !== '' && (
        <Reply of={found} lines={3}>
          {() => null}
        </Reply>
      )}
      <ul className={s.list} aria-label="Incidents found">
        {shown.map((row) => (
          <li key={row.id}>
            {/* biome-ignore lint/a11y/noLabelWithoutControl: either of the two is in it */}
            <label className={s.row}>
              {one ? (
                <input type="radio" name={group} checked={ids.has(row.id)} onChange={() => toggle(row)} />
              ) : (
                <Checkbox checked={ids.has(row.id)} onChange={() => toggle(row)} />
              )}
              <span className="u-subtle">#{row.number}</span>
              <span className={s.title}>{row.title}</span>
              <SeverityBadge severity={row.severity} />
              <IncidentStatusText status={row.status} />
            </label>
          </li>
        ))}
      </ul>
      {query !== '' && found.data && rows.length === 0 && (
        <p className="u-subtle">No other incident is found by this.</p>
      )}
      {found.data?.next_cursor && (
        <p className="u-subtle">
          The first {rows.length} of {formatCount(found.data.total ?? rows.length)}: say more to find others.
        </p>
      )}
    </div>
  );
}
