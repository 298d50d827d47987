import { useQuery } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import { memo, useState } from 'react';
import { type Facet, Facets, type FacetValue } from '@/domain/list/Facets';
import { WhereNarrow } from '@/domain/list/ListPage';
import { SEVERITIES } from '@/domain/severities';
import { STATUSES } from '@/domain/statuses';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { valueSign } from './names';
import { facetsQuery, isFacet, valuesOf } from './queries';
import { type AlertSearch, chosenIn, counted as inQuery } from './search';

const FACETS: readonly Facet[] = [
  { field: 'severity', label: 'Severity' },
  { field: 'status', label: 'Status' },
  { field: 'assignee', label: 'Assignee' },
  { field: 'rule.name', label: 'Rule', long: true },
  { field: 'host.name', label: 'Host', long: true },
  { field: 'source.ip', label: 'Source', long: true },
  { field: 'destination.ip', label: 'Destination', long: true },
  { field: 'user.name', label: 'User', long: true },
  { field: 'dataset', label: 'Dataset' },
  { field: 'technique', label: 'Technique', long: true },
  { field: 'tags', label: 'Tags', long: true },
  { field: 'verdict', label: 'Verdict' },
];

export interface FacetsProps {
  search: AlertSearch;
  open: ReadonlySet<string>;
  onOpen: (open: ReadonlySet<string>) => void;
  onToggle: (field: string, value: string | number) => void;
}

/** Those that begin open. */
export const OPEN_FIRST: ReadonlySet<string> = new Set(['severity', 'status', 'rule.name']);

/** The queue's filters, each counted under all others. */
export const QueueFacets = memo(function QueueFacets({ search, open, onOpen, onToggle }: FacetsProps) {
  const shown = FACETS.map((one) => one.field).filter((field) => open.has(field));
  const counted = useQuery(facetsQuery(search, shown.filter(isFacet)));
  return (
    <Facets
      facets={FACETS}
      open={open}
      onOpen={onOpen}
      counts={counted.data && inOrder(counted.data.facets)}
      failed={counted.isError}
      stale={counted.isPlaceholderData}
      chosen={chosenIn(search)}
      onToggle={onToggle}
      nameOf={valueSign}
      of={inQuery(search)}
      find={(field, begun, signal) => valuesOf(search, field, begun, signal)}
    />
  );
});

/** The same beside the page, where it has no room. */
export function FacetsButton(props: FacetsProps) {
  const [shown, setShown] = useState(false);
  return (
    <WhereNarrow>
      <Button size="lg" onClick={() => setShown(true)}>
        <SlidersHorizontal size={14} aria-hidden="true" />
        Filter
      </Button>
      {shown && (
        <Dialog title="Filter" size="side" onLeave={() => setShown(false)}>
          <QueueFacets {...props} />
          <DialogActions>
            <Button variant="primary" onClick={() => setShown(false)}>
              Done
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </WhereNarrow>
  );
}

const RANKS: Readonly<Record<string, readonly (string | number)[]>> = { severity: SEVERITIES, status: STATUSES };

/** What has few values has all of them, by rank; what has many, those that the server counts most. */
function inOrder(facets: Readonly<Record<string, FacetValue[]>>): Record<string, readonly FacetValue[]> {
  return Object.fromEntries(
    Object.entries(facets).map(([field, counted]) => {
      const counts = new Map(counted.map((one) => [one.value, one.count]));
      return [field, RANKS[field]?.map((value) => ({ value, count: counts.get(value) ?? 0 })) ?? counted];
    }),
  );
}
