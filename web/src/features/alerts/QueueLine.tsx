import type { ReactNode } from 'react';
import { FilterChips } from '@/domain/list/FilterChips';
import { RangePicker } from '@/domain/list/RangePicker';
import type { Range } from '@/domain/list/range';
import type { Chosen } from '@/domain/list/search';
import { QueryBar } from '@/domain/query/QueryBar';
import type { Example } from '@/domain/query/QueryHelp';
import { fieldLabel, valueName } from './names';
import { valuesOf } from './queries';
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
  /** What opens the filters, where they are not beside the list. */
  filter: ReactNode;
}

/** What is asked for: words, choices, a range of time. */
export function QueueLine({ search, error, onAsk, filter }: Props) {
  return (
    <QueryBar
      of="alerts"
      query={search.query}
      error={error}
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
          {filter}
          <RangePicker
            range={search}
            any="Any time"
            onRange={({ last, from, to }: Range) => onAsk({ last, from, to })}
          />
        </>
      }
    />
  );
}
