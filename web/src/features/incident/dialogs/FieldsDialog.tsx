import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { Reply } from '@/domain/Reply';
import { Checkbox } from '@/ui/Checkbox';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { State } from '@/ui/State';
import { at, useChange } from '../change';
import { type Field, fieldText, fieldValue, fieldWords } from '../fields';
import { useHere } from '../here';
import { templateQuery } from '../lookups';
import { Others } from '../parts/Others';
import s from './FieldsDialog.module.css';

/** What the template asks for. Only what was changed is sent. */
export function FieldsDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const template = useQuery({ ...templateQuery(incident.template_id ?? ''), enabled: incident.template_id !== null });
  const fields = (template.data?.fields ?? []) as unknown as Field[];
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  // As they were when it was opened: what others said meanwhile is not put back.
  const [base] = useState(incident.fields);
  const others = fields.filter(({ name }) => fieldText(base[name]) !== fieldText(incident.fields[name]));
  function save(form: FormData) {
    const changed = fields
      .map((field) => [field, form.getAll(field.name).join('\n')] as const)
      .filter(([field, text]) => text !== fieldText(base[field.name]))
      .map(([field, text]) => [field.name, fieldValue(field.kind, text)]);
    const body = { fields: Object.fromEntries(changed) };
    change.mutate({
      send: () => api.PATCH('/api/v1/incidents/{incident_id}', { params: at(incident), body }),
      said: 'Fields changed',
    });
  }
  return (
    <FormDialog
      title={`Fields of #${incident.number}`}
      description={template.data && `As the template “${template.data.name}” asks for them.`}
      verb="Save"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={save}
    >
      <Others now={others.map(({ name, label }) => [label, fieldWords(incident.fields[name])])} />
      {incident.template_id === null ? (
        <State title="No fields">It was begun with no template.</State>
      ) : (
        <Reply of={template}>
          {() => fields.map((field) => <One key={field.name} field={field} value={base[field.name]} />)}
        </Reply>
      )}
    </FormDialog>
  );
}

function One({ field, value }: { field: Field; value: unknown }) {
  const { name, kind, choices = [] } = field;
  const label = field.required ? `${field.label} (needed for closing)` : field.label;
  const text = fieldText(value);
  if (kind === 'choices')
    return (
      <fieldset className={s.choices}>
        <legend className={s.legend}>{label}</legend>
        {choices.map((one) => (
          <label key={one} className={s.choice}>
            <Checkbox name={name} value={one} defaultChecked={text.split('\n').includes(one)} />
            {one}
          </label>
        ))}
      </fieldset>
    );
  const options =
    kind === 'boolean' ? YES_NO : kind === 'choice' ? choices.map((one) => [one, one] as const) : undefined;
  if (options) return <Select label={label} name={name} defaultValue={text} options={[['', 'Not said'], ...options]} />;
  const type = kind === 'number' || kind === 'date' ? kind : 'text';
  return <TextField label={label} name={name} type={type} step="any" defaultValue={text} />;
}

const YES_NO = [
  ['true', 'Yes'],
  ['false', 'No'],
] as const;
