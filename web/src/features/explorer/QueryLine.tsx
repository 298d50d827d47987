import { useQueryClient } from '@tanstack/react-query';
import { FilterChips } from '@/domain/list/FilterChips';
import { RangePicker } from '@/domain/list/RangePicker';
import type { Range } from '@/domain/list/range';
import type { Chosen } from '@/domain/list/search';
import { QueryBar } from '@/domain/query/QueryBar';
import type { Example } from '@/domain/query/QueryHelp';
import { fieldLabel, valueName } from './names';
import { type Asked, topQuery } from './queries';
import type { ExplorerSearch } from './search';
import { filterable } from './values';

const EXAMPLES: readonly Example[] = [
  ['event.kind:alert AND severity:>=high', 'what sensors found severe'],
  ['source.ip:10.0.0.0/8 AND NOT destination.ip:10.0.0.0/8', 'from inside to outside'],
  ['event.category:authentication AND event.outcome:failure', 'sign-ins that failed'],
  ['process.command_line:"*-enc*"', 'a part of a command line'],
  ['dns.question.name:*.example.com', 'names of a domain that were asked for'],
];

interface Props {
  search: ExplorerSearch;
  asked: Asked;
  error: unknown;
  onAsk: (patch: Partial<ExplorerSearch>) => void;
}

/** What is asked for: the query, filters, a range of time. */
export function QueryLine({ search, asked, error, onAsk }: Props) {
  const client = useQueryClient();
  return (
    <QueryBar
      of="events"
      query={search.query}
      error={error}
      onQuery={(query) => onAsk({ query })}
      placeholder="Search titles, addresses, hosts, users, or source.ip:10.0.0.0/8"
      examples={EXAMPLES}
      valuesOf={async (field) => {
        // What is being written is no query yet: values are those of all events of the range.
        const { values } = await client.fetchQuery(topQuery({ ...asked, query: undefined }, field));
        return values.flatMap((one) => filterable(one.value) ?? []);
      }}
      chips={
        <FilterChips
          chosen={search.chosen ?? {}}
          labelOf={fieldLabel}
          nameOf={valueName}
          onChange={(chosen: Chosen) => onAsk({ chosen })}
        />
      }
      beside={<RangePicker range={search} onRange={({ last, from, to }: Range) => onAsk({ last, from, to })} />}
    />
  );
}
