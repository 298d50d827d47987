import { Section, Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import type { PolicyForm } from './form';

const FROM = [
  ['', 'Nobody is asked'],
  ['5', 'Critical'],
  ['4', 'High and above'],
  ['3', 'Medium and above'],
  ['2', 'Low and above'],
  ['1', 'Every incident'],
] as const;

/** How a severity of the form reads. */
export const fromLabel = (rank: string): string => FROM.find(([value]) => value === rank)?.[1] ?? rank;

interface Props {
  value: PolicyForm['review'];
  onChange: (value: PolicyForm['review']) => void;
}

/** Which closings a second person has to agree to. */
export function Review({ value, onChange }: Props) {
  return (
    <Section title="Second person for closing">
      <Stack>
        <Select
          label="Needed from"
          help="By the highest severity that the incident, or an alert of it, has had."
          value={value.from_severity}
          options={FROM}
          onChange={(event) => onChange({ ...value, from_severity: event.target.value })}
        />
        <Select
          label="For false positives needed from"
          value={value.false_positive_from}
          options={FROM}
          onChange={(event) => onChange({ ...value, false_positive_from: event.target.value })}
        />
        <p className="u-subtle">
          A lead or an admin decides, who has neither asked for the review nor owns the incident. Meanwhile the clock of
          resolving stands still.
        </p>
      </Stack>
    </Section>
  );
}
