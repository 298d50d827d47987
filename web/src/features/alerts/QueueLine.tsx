import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { FilterChips } from '@/domain/list/FilterChips';
import { RangePicker } from '@/domain/list/RangePicker';
import type { Range } from '@/domain/list/range';
import type { Chosen } from '@/domain/list/search';
import { QueryBar } from '@/domain/query/QueryBar';
import type { Example } from '@/domain/query/QueryHelp';
import { fieldLabel, valueName } from './names';
import { FacetsButton, type FacetsProps } from './QueueFacets';
import { facetsQuery, valuesOf } from './queries';
import { type AlertSearch, chosenIn } from './search';

const EXAMPLES: readonly Example[] = [
  ['severity:>=high AND NOT assignee:*', 'severe ones that nobody has'],
  ['source.ip:10.0.0.0/8 AND last_seen:>now-1h', 'from a network, in the last hour'],
  ['title:"brute force" AND count:>=10', 'by words of the title and number of events'],
  ['assignee:me AND status:in_progress', 'what one works on'],
];

interface Props {
  search: AlertSearch;
  error: unknown;
  onAsk: (patch: Partial<AlertSearch>) => void;
  /** Those that are beside the list where there is room, and behind a button where there is none. */
  filters: FacetsProps;
}

/** What is asked for: words, choices, a range of time. */
export const QueueLine = memo(function QueueLine({ search, error, onAsk, filters }: Props) {
  // Counts are asked for by the line as it stands, lists by all in one: places in it are those of the counts' reply.
  const counted = useQuery(facetsQuery(search, ['severity']));
  return (
    <QueryBar
      of="alerts"
      query={search.query}
      error={error && (counted.error ?? error)}
      onQuery={(query) => onAsk({ query })}
      placeholder="Search titles, hosts, users, addresses, or severity:>=high"
      examples={EXAMPLES}
      valuesOf={async (field, begun, signal) =>
        (await valuesOf({ chosen: {} }, field, begun, signal)).map((one) => one.value)
      }
      chips={
        <FilterChips
          chosen={chosenIn(search)}
          labelOf={fieldLabel}
          nameOf={valueName}
          onChange={(chosen: Chosen) => onAsk({ chosen })}
        />
      }
      beside={
        <>
          <FacetsButton {...filters} />
          <RangePicker
            range={search}
            any="Any time"
            onRange={({ last, from, to }: Range) => onAsk({ last, from, to })}
          />
        </>
      }
    />
  );
});
