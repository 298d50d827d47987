import { MarkdownField } from '@/domain/Markdown';
import { SEVERITY_CHOICES } from '@/domain/severities';
import { TLP_CHOICES } from '@/domain/tlps';
import { TextArea, TextField } from '@/ui/Field';
import { Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { FieldRows } from './FieldRows';
import type { TemplateForm } from './form';
import { TaskRows } from './TaskRows';
import s from './TemplateFields.module.css';

const AS_ALERTS = 'As its alerts are';
const SEVERITIES = [['', AS_ALERTS] as const, ...SEVERITY_CHOICES];
const AS_USUAL = ['', 'As usual'] as const;
const PAPS = ['clear', 'green', 'amber', 'red'].map((level) => [level, `PAP:${level.toUpperCase()}`] as const);

interface Props {
  value: TemplateForm;
  wrong: ReadonlyMap<string, string>;
  onChange: (patch: Partial<TemplateForm>) => void;
}

/** All that a template says. */
export function TemplateFields({ value, wrong, onChange }: Props) {
  return (
    <Stack>
      <TextField
        label="Name"
        maxLength={200}
        value={value.name}
        error={wrong.get('name')}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <TextArea
        label="When to use it"
        rows={2}
        maxLength={20_000}
        value={value.description}
        error={wrong.get('description')}
        onChange={(event) => onChange({ description: event.target.value })}
      />
      <h3 className={s.part}>What an incident begins with</h3>
      <TextField
        label="Title"
        maxLength={200}
        placeholder="That of its first alert"
        value={value.title}
        error={wrong.get('title')}
        onChange={(event) => onChange({ title: event.target.value })}
      />
      <div className={s.three}>
        <Select
          label="Severity"
          value={value.severity}
          options={SEVERITIES}
          error={wrong.get('severity')}
          onChange={(event) => onChange({ severity: event.target.value })}
        />
        <Select
          label="TLP"
          value={value.tlp}
          options={[AS_USUAL, ...TLP_CHOICES]}
          help={value.tlp === 'red' && 'For its members’ eyes only.'}
          onChange={(event) => onChange({ tlp: event.target.value })}
        />
        <Select
          label="PAP"
          value={value.pap}
          options={[AS_USUAL, ...PAPS]}
          onChange={(event) => onChange({ pap: event.target.value })}
        />
      </div>
      <TextField
        label="Tags"
        placeholder="mail, people"
        help="With commas between."
        value={value.tags}
        error={wrong.get('tags')}
        onChange={(event) => onChange({ tags: event.target.value })}
      />
      <MarkdownField
        label="Summary to begin with"
        rows={4}
        maxLength={50_000}
        value={value.summary}
        error={wrong.get('summary')}
        onChange={(summary) => onChange({ summary })}
      />
      <TaskRows value={value.tasks} wrong={wrong} onChange={(tasks) => onChange({ tasks })} />
      <FieldRows value={value.fields} wrong={wrong} onChange={(fields) => onChange({ fields })} />
    </Stack>
  );
}
