import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Facet, Facets } from '@/domain/list/Facets';
import { toggled } from '@/domain/list/search';
import { facetsQuery, isFacet, valuesOf } from './facets';
import { valueSign } from './names';
import { chosenIn, type IncidentSearch } from './search';

const FACETS: readonly Facet[] = [
  { field: 'status', label: 'Status' },
  { field: 'severity', label: 'Severity' },
  { field: 'assignee', label: 'Owner' },
  { field: 'tags', label: 'Tags', long: true },
  { field: 'tlp', label: 'TLP' },
  { field: 'technique', label: 'Technique', long: true },
  { field: 'verdict', label: 'Verdict' },
];
const OPEN_FIRST = ['status', 'severity', 'assignee'];

interface Props {
  search: IncidentSearch;
  onChange: (patch: Partial<IncidentSearch>) => void;
}

/** What else could be chosen, and how much of it there is. */
export function Filters({ search, onChange }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(OPEN_FIRST));
  const counted = useQuery(facetsQuery(search, [...open].filter(isFacet).sort()));
  const chosen = chosenIn(search);
  return (
    <Facets
      facets={FACETS}
      open={open}
      onOpen={setOpen}
      counts={counted.data}
      failed={counted.isError}
      stale={counted.isPlaceholderData}
      chosen={chosen}
      onToggle={(field, value) => onChange({ chosen: toggled(chosen, field, value) })}
      nameOf={valueSign}
      find={valuesOf}
    />
  );
}
