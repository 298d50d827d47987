import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { SeverityGlyph } from '@/domain/Severity';
import { StatusIcon } from '@/domain/Status';
import { severityLabel } from '@/domain/severity';
import { type AlertStatus, statusLabel } from '@/domain/status';
import { formatCount } from '@/lib/format';
import { Checkbox } from '@/ui/Checkbox';
import s from './Facets.module.css';
import { type FacetField, facetsQuery } from './queries';
import type { AlertSearch } from './search';

const FIELDS: readonly (readonly [FacetField, string])[] = [
  ['severity', 'Severity'],
  ['status', 'Status'],
  ['rule.name', 'Rule'],
  ['host.name', 'Host'],
  ['source.ip', 'Source'],
  ['user.name', 'User'],
  ['dataset', 'Dataset'],
  ['technique', 'Technique'],
  ['tags', 'Tags'],
];
const OPEN_FIRST: readonly FacetField[] = ['severity', 'status', 'rule.name'];

interface Props {
  search: AlertSearch;
  onToggle: (field: string, value: string | number) => void;
}

/** What else could be chosen, and how much of it there is. What is closed is not asked for. */
export function Facets({ search, onToggle }: Props) {
  const [open, setOpen] = useState<ReadonlySet<FacetField>>(() => new Set(OPEN_FIRST));
  const shown = FIELDS.map(([field]) => field).filter((field) => open.has(field));
  const counted = useQuery(facetsQuery(search, shown));
  function turn(field: FacetField) {
    const after = new Set(open);
    if (!after.delete(field)) after.add(field);
    setOpen(after);
  }
  return (
    <aside className={s.facets} aria-label="Filters" data-old={counted.isPlaceholderData ? '' : undefined}>
      {FIELDS.map(([field, label]) => (
        <section key={field} aria-label={label}>
          <button type="button" className={s.head} aria-expanded={open.has(field)} onClick={() => turn(field)}>
            {open.has(field) ? (
              <ChevronDown size={12} aria-hidden="true" />
            ) : (
              <ChevronRight size={12} aria-hidden="true" />
            )}
            {label}
          </button>
          {open.has(field) && counted.isError && <p className={s.none}>Could not be counted.</p>}
          {open.has(field) &&
            values(counted.data?.facets[field] ?? [], search.chosen?.[field] ?? []).map(({ value, count }) => (
              <label key={value} className={s.value}>
                <Checkbox
                  checked={(search.chosen?.[field] ?? []).includes(value)}
                  onChange={() => onToggle(field, value)}
                />
                <Value field={field} value={value} />
                <span className={s.count}>{formatCount(count)}</span>
              </label>
            ))}
        </section>
      ))}
    </aside>
  );
}

function Value({ field, value }: { field: FacetField; value: string | number }) {
  if (field === 'severity') {
    return (
      <span className={s.name}>
        <SeverityGlyph severity={Number(value)} />
        {severityLabel(Number(value))}
      </span>
    );
  }
  if (field === 'status') {
    return (
      <span className={s.name}>
        <StatusIcon status={value as AlertStatus} />
        {statusLabel(value as AlertStatus)}
      </span>
    );
  }
  return (
    <span className={s.name} title={String(value)}>
      {value}
    </span>
  );
}

interface Counted {
  value: string | number;
  count: number;
}

/** What was chosen stays there to be let go, though there is none of it any more. */
function values(counted: readonly Counted[], chosen: readonly (string | number)[]): Counted[] {
  const known = new Set(counted.map((one) => one.value));
  return [...counted, ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, count: 0 }))];
}
