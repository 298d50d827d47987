import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, CircleMinus, EyeOff } from 'lucide-react';
import { type MouseEvent, type ReactNode, useState } from 'react';
import { formatCompact, formatCount } from '@/lib/format';
import { useRested } from '@/lib/useRested';
import { Checkbox } from '@/ui/Checkbox';
import { Find } from '@/ui/Find';
import s from './Facets.module.css';
import type { Chosen } from './search';

export interface FacetValue {
  value: string | number;
  count: number;
}

export interface Facet {
  field: string;
  label: string;
  /** There may be more values than are counted: it has a search of its own. */
  long?: boolean;
}

export interface FacetsProps {
  facets: readonly Facet[];
  /** Those that are open. What is closed is not asked for. */
  open: ReadonlySet<string>;
  onOpen: (open: ReadonlySet<string>) => void;
  /** What was counted, by field; undefined while it is not known. */
  counts: Readonly<Record<string, readonly FacetValue[]>> | undefined;
  failed: boolean;
  /** Counted for another list, while this one's is on its way. */
  stale?: boolean;
  chosen: Chosen;
  /** With `-` in front of the field to leave it out. */
  onToggle: (field: string, value: string | number) => void;
  nameOf: (field: string, value: string | number) => ReactNode;
  /** What they are counted in, for `find`. */
  of?: unknown;
  /** Values that begin so, from the server. */
  find?: (field: string, begun: string, signal: AbortSignal) => Promise<readonly FacetValue[]>;
}

/** What else could be chosen, and how much of it there is. */
export function Facets({ facets, open, onOpen, stale = false, ...rest }: FacetsProps) {
  function turn(field: string) {
    const after = new Set(open);
    if (!after.delete(field)) after.add(field);
    onOpen(after);
  }
  return (
    <aside aria-label="Filters" data-stale={stale ? '' : undefined}>
      {facets.map((facet) => {
        const shown = open.has(facet.field);
        const Icon = shown ? ChevronDown : ChevronRight;
        const chosen = (rest.chosen[facet.field]?.length ?? 0) + (rest.chosen[`-${facet.field}`]?.length ?? 0);
        return (
          <section key={facet.field} aria-label={facet.label}>
            <button type="button" className={s.head} aria-expanded={shown} onClick={() => turn(facet.field)}>
              <Icon size={12} aria-hidden="true" />
              {facet.label}
              {chosen > 0 && <span className={s.chosen}>{chosen}</span>}
            </button>
            {shown && <Values facet={facet} {...rest} />}
          </section>
        );
      })}
    </aside>
  );
}

type ValuesProps = Omit<FacetsProps, 'facets' | 'open' | 'onOpen' | 'stale'> & { facet: Facet };

function Values({ facet, counts, failed, chosen, onToggle, nameOf, of, find }: ValuesProps) {
  const { field, label } = facet;
  const [begun, setBegun] = useState('');
  const wanted = useRested(begun);
  const found = useQuery({
    queryKey: ['facet', field, wanted, of],
    queryFn: ({ signal }) => find?.(field, wanted, signal) ?? [],
    enabled: find !== undefined && wanted !== '',
    placeholderData: (before) => before,
    retry: false,
  });
  const counted = counts?.[field];
  if (failed && !counted) return <p className={s.none}>Could not be counted.</p>;
  if (!counted) return <p className={s.none}>Counting…</p>;
  const shown = begun === '' ? withChosen(counted, chosen, field) : (found.data ?? []);
  return (
    <>
      {facet.long && find && (counted.length >= 10 || begun !== '') && (
        <div className={s.find}>
          <Find label={`Find in ${label}`} placeholder="Find…" value={begun} onChange={setBegun} />
        </div>
      )}
      {shown.map(({ value, count }) => (
        <Value
          key={value}
          name={String(value)}
          chosen={chosen[field]?.includes(value) ?? false}
          out={chosen[`-${field}`]?.includes(value) ?? false}
          count={count}
          onToggle={(out) => onToggle(out ? `-${field}` : field, value)}
        >
          {nameOf(field, value)}
        </Value>
      ))}
      {shown.length === 0 && <p className={s.none}>{begun ? saidOf(found) : 'Nothing has one.'}</p>}
    </>
  );
}

function saidOf({ isError, isPending }: { isError: boolean; isPending: boolean }): string {
  if (isError) return 'It could not be looked for.';
  return isPending ? 'Looking…' : 'Nothing begins so.';
}

interface ValueProps {
  name: string;
  chosen: boolean;
  out: boolean;
  count: number;
  onToggle: (out: boolean) => void;
  children: ReactNode;
}

/** A box chooses it; Alt and a click, or the sign at its end, leaves it out. */
function Value({ name, chosen, out, count, onToggle, children }: ValueProps) {
  function onClick(event: MouseEvent) {
    if (!event.altKey) return;
    event.preventDefault();
    onToggle(true);
  }
  return (
    <div className={s.value} data-out={out ? '' : undefined} onClickCapture={onClick}>
      <label className={s.choice}>
        <Checkbox checked={chosen} onChange={() => onToggle(false)} />
        <span className={s.name} title={name}>
          {typeof children === 'string' ? <span className="u-cut">{children}</span> : children}
        </span>
      </label>
      <span className={s.count} title={formatCount(count)}>
        {count >= 10_000 ? formatCompact(count) : formatCount(count)}
      </span>
      <button
        type="button"
        className={s.leave}
        aria-label={out ? `Stop leaving out ${name}` : `Leave out ${name}`}
        title={out ? 'Stop leaving it out' : 'Leave it out (Alt+click)'}
        aria-pressed={out}
        onClick={() => onToggle(true)}
      >
        {out ? <EyeOff size={12} aria-hidden="true" /> : <CircleMinus size={12} aria-hidden="true" />}
      </button>
    </div>
  );
}

/** What was chosen stays there to be let go, though there is none of it any more. */
function withChosen(counted: readonly FacetValue[], chosen: Chosen, field: string): readonly FacetValue[] {
  const known = new Set(counted.map((one) => one.value));
  const both = [...(chosen[field] ?? []), ...(chosen[`-${field}`] ?? [])];
  return [
    ...counted,
    ...both.filter((value) => value !== '*' && !known.has(value)).map((value) => ({ value, count: 0 })),
  ];
}
