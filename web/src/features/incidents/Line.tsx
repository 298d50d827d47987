import { FilterChips } from '@/domain/list/FilterChips';
import { RangePicker } from '@/domain/list/RangePicker';
import { QueryBar } from '@/domain/query/QueryBar';
import type { Example } from '@/domain/query/QueryHelp';
import { valuesOf } from './facets';
import { fieldLabel, valueName } from './names';
import { chosenIn, type IncidentSearch } from './search';

const EXAMPLES: readonly Example[] = [
  ['assignee:me', 'what is mine'],
  ['NOT assignee:*', 'what is nobody’s'],
  ['title:phishing OR summary:phishing', 'words of title or summary'],
  ['observable.ip:203.0.113.0/24', 'where an address of a network was seen'],
  ['severity:>=high AND created_at:>now-7d', 'severe ones of the last seven days'],
  ['restricted:true', 'for some eyes only'],
];

interface Props {
  search: IncidentSearch;
  error: unknown;
  onChange: (patch: Partial<IncidentSearch>) => void;
}

/** What is asked for: choices, words of the query language, and when they were opened. */
export function Line({ search, error, onChange }: Props) {
  const { last, from, to } = search;
  return (
    <QueryBar
      of="incidents"
      query={search.query}
      error={error}
      onQuery={(query) => onChange({ query, chosen: search.chosen })}
      placeholder="Search titles, summaries, notes, observables"
      examples={EXAMPLES}
      valuesOf={async (field, begun, signal) => (await valuesOf(field, begun, signal)).map(({ value }) => value)}
      chips={
        <FilterChips
          chosen={chosenIn(search)}
          labelOf={fieldLabel}
          nameOf={valueName}
          onChange={(chosen) => onChange({ chosen })}
        />
      }
      beside={<RangePicker range={{ last, from, to }} any="Opened any time" onRange={onChange} />}
    />
  );
}
