import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { FORMAT_CHOICES } from '@/domain/formats';
import { useMay } from '@/domain/session';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextArea, TextField } from '@/ui/Field';
import { Row, Section } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import type { Sensor } from './queries';
import s from './Sensors.module.css';
import { differences, type Form, formOf, updateOf, wrongSeverity } from './settings';
import { useUpdate } from './update';

/** How a sensor's records are read. They are read so from the next request on. */
export function Settings({ sensor }: { sensor: Sensor }) {
  // What was seen when the form was filled: changes of others are not written over unseen.
  const [seen, setSeen] = useState(sensor);
  const [form, setForm] = useState(() => formOf(sensor));
  const mayChange = useMay('sensors:write', sensor.organization_id);
  const saving = useUpdate(sensor);
  const update = updateOf(form, seen);
  const changed = Object.keys(update).length > 0;
  const refused = saving.error ? asApiError(saving.error) : undefined;
  const theirs = refused?.status === 412 ? (refused.body as { current?: Sensor }).current : undefined;
  const wrong = wrongSeverity(form.severities);
  const set = (patch: Partial<Form>) => setForm((before) => ({ ...before, ...patch }));
  function save(revision: number) {
    saving.mutate(
      { update, revision },
      {
        onSuccess: (after) => {
          setSeen(after);
          setForm(formOf(after));
          say({ title: `Saved: ${after.name}` });
        },
      },
    );
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    save(seen.revision);
  }
  function takeTheirs(current: Sensor) {
    setSeen(current);
    setForm(formOf(current));
    saving.reset();
  }
  return (
    <Section title="How its records are read">
      <form className={s.form} onSubmit={submit}>
        {theirs && (
          <Banner
            tone="warning"
            action={
              <Row>
                <Button size="sm" onClick={() => takeTheirs(theirs)}>
                  Take theirs
                </Button>
                <Button size="sm" busy={saving.isPending} onClick={() => save(theirs.revision)}>
                  Save mine
                </Button>
              </Row>
            }
          >
            Somebody changed it meanwhile. Now it is: {differences(seen, theirs).join('; ') || 'as you saw it'}.
          </Banner>
        )}
        {refused && !theirs && refused.fields.size === 0 && <Banner tone="danger">{refused.message}</Banner>}
        <fieldset className={s.form} disabled={!mayChange}>
          <Fields form={form} set={set} wrong={(field) => refused?.fields.get(field)} wrongLine={wrong} />
        </fieldset>
        {mayChange && (
          <Row>
            <Button type="submit" variant="primary" disabled={!changed || wrong !== undefined} busy={saving.isPending}>
              Save
            </Button>
            {changed && <Button onClick={() => setForm(formOf(seen))}>Undo changes</Button>}
          </Row>
        )}
      </form>
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
