import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '@/api/client';
import { ErrorState } from '@/domain/ErrorState';
import { BY_SHAPE, FORMAT_CHOICES, formatLabel, formatOf } from '@/domain/formats';
import { Trial } from '@/domain/Trial';
import { Button } from '@/ui/Button';
import { TextArea } from '@/ui/Field';
import { Columns, Row, Section } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { State } from '@/ui/State';
import { exampleOf } from './examples';
import type { Sensor } from './queries';
import s from './Sensors.module.css';

const MOST = 65_536;

/** A record pasted, and the event it would become. Nothing is stored. */
export function Bench({ sensor }: { sensor: Sensor }) {
  const [record, setRecord] = useState('');
  const [format, setFormat] = useState<string>(BY_SHAPE);
  const trying = useMutation({
    mutationFn: (asked: { record: string; format: string }) =>
      read(
        api.POST('/api/v1/sensors/{sensor_id}/test', {
          params: { path: { sensor_id: sensor.id } },
          body: { record: asked.record, format: formatOf(asked.format) },
        }),
      ),
  });
  const example = exampleOf(formatOf(format) ?? sensor.format, new Date());
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    trying.mutate({ record, format });
  }
  return (
    <Columns>
      <Section title="A record, as it is sent">
        <form className={s.form} onSubmit={submit}>
          <TextArea
            label="Record"
            rows={14}
            required
            maxLength={MOST}
            spellCheck={false}
            mono
            value={record}
            onChange={(event) => setRecord(event.target.value)}
          />
          <Select
            label="Read as"
            options={FORMAT_CHOICES.map(([value, label]) =>
              value === BY_SHAPE ? [value, `As the sensor is set: ${formatLabel(sensor.format)}`] : [value, label],
            )}
            value={format}
            onChange={(event) => setFormat(event.target.value)}
          />
          <Row>
            <Button type="submit" variant="primary" busy={trying.isPending}>
              Try it
            </Button>
            {example && <Button onClick={() => setRecord(example)}>Put in an example</Button>}
          </Row>
        </form>
      </Section>
      <Section title="What it becomes">
        {trying.isError && <ErrorState error={trying.error} />}
        {trying.data && <Trial trial={trying.data} record={trying.variables.record} />}
        {trying.isIdle && (
          <State title="Nothing tried yet">
            Paste a record and try it. It is read as if it came just now, and not stored.
          </State>
        )}
      </Section>
    </Columns>
  );
}
