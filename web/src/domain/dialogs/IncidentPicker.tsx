import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { components } from '@/api/schema';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { incidentQueryOf } from '@/domain/incident';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { formatCount } from '@/lib/format';
import { useRested } from '@/lib/useRested';
import { TextField } from '@/ui/Field';
import { Stack } from '@/ui/Page';
import { Named, once, PickList } from './PickList';
import { foundIncidentsQuery } from './queries';

type Found = components['schemas']['IncidentListed'];

/** An incident as one is picked. */
export type Pickable = Pick<Found, 'id' | 'number' | 'title' | 'severity' | 'status'> & {
  /** Why it is offered. */
  hint?: ReactNode;
};

interface Props {
  /** The incident that is not offered. */
  not?: string;
  chosen: readonly Pickable[];
  onChange: (chosen: readonly Pickable[]) => void;
  /** Only one can be chosen. */
  one?: boolean;
  /** What is likely meant: it stands first until something is typed. */
  likely?: readonly Pickable[];
  /** Which ones it may be. */
  accepts?: (row: Found) => boolean;
}

/** Incidents, found by number, by words of their title, or by any query. */
export function IncidentPicker({ not, chosen, onChange, one = false, likely = [], accepts = () => true }: Props) {
  const [text, setText] = useState('');
  const query = incidentQueryOf(useRested(text));
  const found = useQuery(foundIncidentsQuery(query));
  const first = query === '' ? likely : [];
  const rows = (found.data?.items ?? []).filter((row) => row.id !== not && accepts(row));
  const shown = once<Pickable>([...chosen, ...first, ...rows]);
  const ids = new Set(chosen.map((row) => row.id));
  function toggle(row: Pickable) {
    if (one) return onChange([row]);
    return onChange(ids.has(row.id) ? chosen.filter((other) => other.id !== row.id) : [...chosen, row]);
  }
  return (
    <Stack gap="sm">
      <TextField
        label="Find an incident"
        help="By number, by words, or by a query such as observable:198.51.100.7"
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <Reply of={found} lines={3}>
        {() => null}
      </Reply>
      <PickList label="Incidents found" rows={shown} chosen={ids} one={one} onToggle={toggle}>
        {(row) => (
          <>
            <span className="u-subtle">#{row.number}</span>
            <Named hint={row.hint}>{row.title}</Named>
            <SeverityBadge severity={row.severity} />
            <IncidentStatusText status={row.status} />
          </>
        )}
      </PickList>
      {found.data && shown.length === 0 && (
        <p className="u-subtle">
          {query === '' ? 'No incident is unfinished.' : 'No other incident is found by this.'}
        </p>
      )}
      {found.data?.next_cursor && (
        <p className="u-subtle">
          The first {rows.length} of {formatCount(found.data.total ?? rows.length)}: say more to find others.
        </p>
      )}
    </Stack>
  );
}
