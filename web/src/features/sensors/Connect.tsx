import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Banner } from '@/ui/Banner';
import { Code } from '@/ui/Code';
import { Select } from '@/ui/Select';
import { exampleOf, filledIn } from './examples';
import { FirstEvent } from './FirstEvent';
import { type Sensor, type Shipper, snippetQuery } from './queries';
import s from './Sensors.module.css';

const SHIPPERS: readonly (readonly [Shipper, string])[] = [
  ['vector', 'Vector'],
  ['fluent_bit', 'Fluent Bit'],
  ['logstash', 'Logstash'],
  ['rsyslog', 'rsyslog'],
  ['falcosidekick', 'Falcosidekick'],
  ['alertmanager', 'Alertmanager'],
  ['wazuh', 'Wazuh manager'],
];
/** What a format is usually sent by. */
const USUAL: Record<string, Shipper> = {
  alertmanager: 'alertmanager',
  falco: 'falcosidekick',
  falcosidekick: 'falcosidekick',
  wazuh4: 'wazuh',
  syslog: 'rsyslog',
  cef: 'rsyslog',
  leef: 'rsyslog',
};

/** How a sensor is made to send: a command to try it, and what to put where for good. With its key only just after that was made. */
export function Connect({ sensor, secret }: { sensor: Sensor; secret?: string }) {
  const curl = useQuery(snippetQuery(sensor.id, 'curl'));
  const record = useMemo(() => exampleOf(sensor.format, new Date()), [sensor.format]);
  return (
    <div className={s.form}>
      {secret && (
        <section className={s.step} aria-label="Key">
          <h3 className={s.stepTitle}>Its key</h3>
          <Code label="Key" text={secret} />
          <Banner tone="warning">
            It is shown this once. Keep it where the sender’s secrets are; another can be made at any time.
          </Banner>
        </section>
      )}
      <section className={s.step} aria-label="Try it">
        <h3 className={s.stepTitle}>{secret ? 'Send a first record' : 'Send a record by hand'}</h3>
        <Reply of={curl} lines={2}>
          {({ text }) => <Code label="Command" text={filledIn(text, secret, record)} />}
        </Reply>
        {!secret && <NoKey />}
      </section>
      {secret && <FirstEvent sensor={sensor} />}
      <Shippers sensor={sensor} secret={secret} />
    </div>
  );
}

function NoKey() {
  const mayMake = useMay('sensors:write');
  return (
    <p className="u-subtle">
      SENSOR_KEY stands for a key of this sensor. Keys are never shown again
      {mayMake && ': make a fresh one where none is at hand'}.
    </p>
  );
}

function Shippers({ sensor, secret }: { sensor: Sensor; secret: string | undefined }) {
  const [shipper, setShipper] = useState<Shipper>(USUAL[sensor.format ?? ''] ?? 'vector');
  const snippet = useQuery(snippetQuery(sensor.id, shipper));
  return (
    <section className={s.step} aria-label="For good">
      <h3 className={s.stepTitle}>Then send all of it</h3>
      <div className={s.two}>
        <Select
          label="Sent by"
          options={SHIPPERS}
          value={shipper}
          onChange={(event) => setShipper(event.target.value as Shipper)}
        />
      </div>
      <Reply of={snippet} lines={8}>
        {({ file, text }) => (
          <>
            <p className="u-subtle">
              Goes to <span className="u-mono">{file}</span>
            </p>
            <Code label="Configuration" text={filledIn(text, secret)} scroll />
          </>
        )}
      </Reply>
    </section>
  );
}
