import { reasonLabel } from '@/domain/reasons';
import { useSensorName } from '@/domain/sensors';
import { formatCount } from '@/lib/format';
import { byReason, bySensor, type Counted } from './counted';
import s from './Quarantine.module.css';
import type { Group } from './queries';
import type { QuarantineSearch, Status } from './search';

interface Props {
  groups: readonly Group[];
  search: QuarantineSearch;
  onChange: (patch: QuarantineSearch) => void;
}

const STATUSES: readonly (readonly [Status, string])[] = [
  ['open', 'Waiting'],
  ['redriven', 'Re-driven'],
  ['discarded', 'Discarded'],
];

/** By what the records can be told apart: one value of each at a time. */
export function Facets({ groups, search, onChange }: Props) {
  const { status = 'open', reason, sensor } = search;
  const name = useSensorName(sensor);
  return (
    <aside className={s.facets} aria-label="Filters">
      <Values
        label="State"
        values={STATUSES.map(([value, label]) => ({ value, label }))}
        chosen={status}
        onChoose={(value) =>
          onChange({ status: value === 'open' ? undefined : (value as Status), requested: undefined })
        }
      />
      <Values
        label="Reason"
        values={byReason(groups, search, reasonLabel)}
        chosen={reason}
        onChoose={(value) => onChange({ reason: value === reason ? undefined : value })}
      />
      <Values
        label="Sensor"
        values={bySensor(groups, search, name)}
        chosen={sensor}
        onChoose={(value) => onChange({ sensor: value === sensor ? undefined : value })}
      />
    </aside>
  );
}

interface ValuesProps {
  label: string;
  values: readonly (Omit<Counted, 'count'> & { count?: number })[];
  chosen: string | undefined;
  onChoose: (value: string) => void;
}

function Values({ label, values, chosen, onChoose }: ValuesProps) {
  return (
    <fieldset className={s.facet}>
      <legend className={s.facetName}>{label}</legend>
      {values.length === 0 && <p className={s.none}>none</p>}
      {values.map(({ value, label: said, count }) => (
        <button
          key={value}
          type="button"
          className={s.value}
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
        >
          <span className="u-cut">{said}</span>
          {count !== undefined && <span className={s.count}>{formatCount(count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}
