import { SeverityBadge } from '@/domain/Severity';
import { Checkbox } from '@/ui/Checkbox';
import { Section } from '@/ui/Page';
import { CLOCKS, type PolicyForm, SEVERITIES, type TargetsForm } from './form';
import s from './Targets.module.css';

const RANKS = { critical: 5, high: 4, medium: 3, low: 2, informational: 1 } as const;
const HEADS = { acknowledge: 'Acknowledge', contain: 'Contain', resolve: 'Resolve' } as const;

interface Props {
  value: PolicyForm['sla'];
  wrong: ReadonlyMap<string, string>;
  onChange: (value: PolicyForm['sla']) => void;
}

/** By when work is to be done, for each severity. */
export function Targets({ value, wrong, onChange }: Props) {
  return (
    <Section title="By when work is to be done" flush>
      <div className={s.scroll}>
        <table className={s.table} aria-label="Targets by severity">
          <thead>
            <tr>
              <th scope="col">Severity</th>
              {CLOCKS.map((clock) => (
                <th key={clock} scope="col">
                  {HEADS[clock]}
                </th>
              ))}
              <th scope="col">Around the clock</th>
            </tr>
          </thead>
          <tbody>
            {SEVERITIES.map((name) => (
              <Line
                key={name}
                name={name}
                value={value[name]}
                wrong={wrong}
                onChange={(targets) => onChange({ ...value, [name]: targets })}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p className={s.help}>
        As 15 min, 4 h or 1 h 30 min; empty is no target. Working time counts, or all time where it is around the clock.
        People are warned at three quarters.
      </p>
    </Section>
  );
}

interface LineProps {
  name: (typeof SEVERITIES)[number];
  value: TargetsForm;
  wrong: ReadonlyMap<string, string>;
  onChange: (value: TargetsForm) => void;
}

function Line({ name, value, wrong, onChange }: LineProps) {
  return (
    <tr>
      <th scope="row">
        <SeverityBadge severity={RANKS[name]} />
      </th>
      {CLOCKS.map((clock) => {
        const path = `sla.${name}.${clock}`;
        const mistake = wrong.get(path);
        return (
          <td key={clock}>
            <input
              className={s.input}
              aria-label={`${HEADS[clock]}, ${name}`}
              aria-invalid={mistake ? true : undefined}
              aria-describedby={mistake ? path : undefined}
              placeholder="no target"
              maxLength={20}
              value={value[clock]}
              onChange={(event) => onChange({ ...value, [clock]: event.target.value })}
            />
            {mistake && (
              <p id={path} className={s.error}>
                {mistake}
              </p>
            )}
          </td>
        );
      })}
      <td className={s.box}>
        <Checkbox
          aria-label={`Around the clock, ${name}`}
          checked={value.around_the_clock}
          onChange={(event) => onChange({ ...value, around_the_clock: event.target.checked })}
        />
      </td>
    </tr>
  );
}
