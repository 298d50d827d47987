import { Checkbox } from '@/ui/Checkbox';
import { TextArea, TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { type FieldForm, type FieldKind, KINDS, nameFor, newField } from './form';
import { Rows } from './Rows';
import s from './TemplateFields.module.css';

interface Props {
  value: FieldForm[];
  wrong: ReadonlyMap<string, string>;
  onChange: (value: FieldForm[]) => void;
}

/** What such incidents have beside what all have. */
export function FieldRows({ value, wrong, onChange }: Props) {
  return (
    <Rows
      title="Fields"
      help="What is asked of such incidents alone. Closing needs those that are required, also of incidents there are."
      what="field"
      rows={value}
      most={100}
      onChange={onChange}
      onAdd={newField}
    >
      {(row, at, change) => <OneField row={row} at={at} wrong={wrong} change={change} />}
    </Rows>
  );
}

interface OneProps {
  row: FieldForm;
  at: number;
  wrong: ReadonlyMap<string, string>;
  change: (patch: Partial<FieldForm>) => void;
}

function OneField({ row, at, wrong, change }: OneProps) {
  // The name follows the label until it is another one than that would make.
  const follows = row.key.startsWith('new') && row.name === nameFor(row.label);
  return (
    <>
      <div className={s.three}>
        <TextField
          label="Label"
          autoFocus={row.key.startsWith('new')}
          maxLength={200}
          value={row.label}
          error={wrong.get(`fields/${at}/label`)}
          onChange={({ target }) => change({ label: target.value, ...(follows && { name: nameFor(target.value) }) })}
        />
        <TextField
          label="Name in queries and exports"
          maxLength={63}
          value={row.name}
          error={wrong.get(`fields/${at}/name`)}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Select
          label="Kind"
          value={row.kind}
          options={KINDS}
          onChange={(event) => change({ kind: event.target.value as FieldKind })}
        />
      </div>
      {(row.kind === 'choice' || row.kind === 'choices') && (
        <TextArea
          label="Choices"
          rows={3}
          help="One a line."
          value={row.choices}
          error={wrong.get(`fields/${at}/choices`)}
          onChange={(event) => change({ choices: event.target.value })}
        />
      )}
      <label className={s.check}>
        <Checkbox checked={row.required} onChange={(event) => change({ required: event.target.checked })} />
        Required
      </label>
    </>
  );
}
