import type { FormEvent } from 'react';
import { asApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { FORMAT_CHOICES } from '@/domain/formats';
import { Leaving } from '@/domain/Leaving';
import { Meanwhile } from '@/domain/Meanwhile';
import { useMay } from '@/domain/session';
import { useDraft } from '@/lib/useDraft';
import { TextArea, TextField } from '@/ui/Field';
import { Section } from '@/ui/Page';
import { SaveBar } from '@/ui/SaveBar';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import type { Sensor } from './queries';
import s from './Sensors.module.css';
import { type Form, formOf, lineOf, updateOf, wrongSeverity } from './settingsForm';
import { useUpdate } from './update';

/** Fields of a refusal that show it themselves. */
const SHOWN = ['name', 'zone', 'expected_interval', 'rate_per_second', 'ignored_types', 'severity_overrides'];

/** How a sensor’s records are read. They are read so from the next request on. */
export function Settings({ sensor }: { sensor: Sensor }) {
  const mayChange = useMay('sensors:write', sensor.organization_id);
  const saving = useUpdate(sensor);
  const draft = useDraft(formOf(sensor), sensor.revision);
  const wrong = wrongSeverity(draft.value.severities);
  const refused = saving.error ? asApiError(saving.error) : undefined;
  function save() {
    const update = updateOf(draft.value, sensor);
    saving.mutate(
      { update, revision: sensor.revision },
      { onSuccess: (after) => say({ title: `Saved: ${after.name}` }) },
    );
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (draft.dirty && wrong === undefined) save();
  }
  return (
    <Section title="How its records are read">
      <form className={s.form} onSubmit={submit}>
        {!mayChange && <p className="u-muted">Your role may read these settings, and not change them.</p>}
        <Meanwhile changes={draft.meanwhile} line={lineOf} />
        {refused?.status !== 412 && <Refused error={saving.error} shown={SHOWN} />}
        <fieldset className={s.form} disabled={!mayChange}>
          <Fields
            form={draft.value}
            set={draft.change}
            wrong={(field) => refused?.fields.get(field)}
            wrongLine={wrong}
          />
        </fieldset>
        <SaveBar
          changes={draft.changes.length}
          verb="Save settings"
          why={wrong === undefined ? undefined : 'A severity cannot be read.'}
          busy={saving.isPending}
          onDiscard={draft.discard}
          onSave={save}
        />
      </form>
      <Leaving unsaved={draft.dirty} what={sensor.name} />
    </Section>
  );
}

interface FieldsProps {
  form: Form;
  set: (patch: Partial<Form>) => void;
  wrong: (field: string) => string | undefined;
  wrongLine: string | undefined;
}

function Fields({ form, set, wrong, wrongLine }: FieldsProps) {
  return (
    <>
      <div className={s.two}>
        <TextField
          label="Name"
          required
          maxLength={200}
          value={form.name}
          error={wrong('name')}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Select
          label="Format"
          options={FORMAT_CHOICES}
          value={form.format}
          onChange={(event) => set({ format: event.target.value })}
        />
        <TextField
          label="Zone of times that name none"
          required
          value={form.zone}
          error={wrong('zone')}
          onChange={(event) => set({ zone: event.target.value })}
        />
        <TextField
          label="Minutes between records"
          type="number"
          min={1 / 60}
          step="any"
          help="After longer than this it counts as gone quiet, and people are told. Empty: never."
          value={form.interval}
          error={wrong('expected_interval')}
          onChange={(event) => set({ interval: event.target.value })}
        />
        <TextField
          label="Most records a second"
          type="number"
          min={1}
          max={1_000_000}
          help="What is above is refused for a moment; senders try again. Empty: no limit."
          value={form.rate}
          error={wrong('rate_per_second')}
          onChange={(event) => set({ rate: event.target.value })}
        />
      </div>
      <div className={s.two}>
        <TextArea
          label="Types left out, one a line"
          rows={4}
          spellCheck={false}
          mono
          help="As suricata_eve:stats. They are counted and not kept."
          value={form.ignored}
          error={wrong('ignored_types')}
          onChange={(event) => set({ ignored: event.target.value })}
        />
        <TextArea
          label="Severities of rules, one a line"
          rows={4}
          spellCheck={false}
          mono
          help="As 1:2024001 = 5, from 1 (info) to 5 (critical), in place of the sensor’s own."
          value={form.severities}
          error={wrongLine ? `“${wrongLine}” is not as 1:2024001 = 5.` : wrong('severity_overrides')}
          onChange={(event) => set({ severities: event.target.value })}
        />
      </div>
    </>
  );
}
