import { useState } from 'react';
import { Histogram, type Range } from '@/domain/Histogram';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Observable } from '@/domain/Observable';
import { SeverityBadge, SeverityGlyph } from '@/domain/Severity';
import { StatusIcon, StatusText } from '@/domain/Status';
import { SEVERITIES, severityLabel } from '@/domain/severities';
import { statusLabel } from '@/domain/statuses';
import { Technique } from '@/domain/Technique';
import { Tlp } from '@/domain/Tlp';
import s from './Design.module.css';
import { Grid } from './Grid';
import { Specimen, States } from './Specimen';

const ALERT = ['new', 'acknowledged', 'in_progress', 'closed', 'suppressed'] as const;
const INCIDENT = ['open', 'investigating', 'contained', 'on_hold', 'resolved', 'closed', 'merged'] as const;
const TLP = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
const HOUR = 3_600_000;
const FROM = Date.parse('2026-11-27T00:00:00Z');
const BUCKETS = Array.from({ length: 24 }, (_, hour) => ({
  start: FROM + hour * HOUR,
  counts: { 1: (hour * 7) % 11, 2: (hour * 5) % 9, 3: (hour * 3) % 7, 4: hour % 4, 5: hour % 9 === 0 ? 3 : 0 },
}));

/** What the field means: severity, status, sharing, evidence. */
export function Meaning() {
  const [range, setRange] = useState<Range | null>([8, 14]);
  return (
    <>
      <Specimen name="SeverityBadge" use="By shape, word and colour; only what is critical is filled">
        <States of={SEVERITIES.map((one) => [String(one), <SeverityBadge key={one} severity={one} />])} />
      </Specimen>
      <Specimen name="SeverityGlyph" use="By shape alone, where the word stands beside it or there is no room">
        <States of={SEVERITIES.map((one) => [severityLabel(one), <SeverityGlyph key={one} severity={one} />])} />
      </Specimen>
      <Specimen name="StatusText" use="How far an alert is">
        <States of={ALERT.map((one) => [one, <StatusText key={one} status={one} />])} />
      </Specimen>
      <Specimen name="StatusIcon" use="The same by shape alone">
        <States of={ALERT.map((one) => [statusLabel(one), <StatusIcon key={one} status={one} />])} />
      </Specimen>
      <Specimen name="IncidentStatusText" use="How far an incident is">
        <States of={INCIDENT.map((one) => [one, <IncidentStatusText key={one} status={one} />])} />
      </Specimen>
      <Specimen name="Tlp" use="With whom it may be shared: TLP 2.0, its colours on black in any theme">
        <States of={TLP.map((one) => [one, <Tlp key={one} level={one} />])} />
      </Specimen>
      <Specimen name="Observable" use="What can be looked for elsewhere; it is copied defanged">
        <States
          of={[
            ['ip', <Observable key="ip" type="ip" value="198.51.100.7" />],
            ['malicious', <Observable key="bad" type="domain" value="evil.example" verdict="malicious" ioc />],
            ['suspicious', <Observable key="sus" type="url" value="https://example.org/a" verdict="suspicious" />],
            ['hash', <Observable key="hash" type="sha256" value="9f2c4be1d07d" />],
          ]}
        />
      </Specimen>
      <Specimen name="Technique" use="Of MITRE ATT&CK, by its id">
        <Technique id="T1110.001" />
      </Specimen>
      <Specimen
        name="Histogram"
        use="Volume over time; dragging chooses a range, its ends are sliders for the keyboard"
      >
        <div className={s.histogram}>
          <Histogram buckets={BUCKETS} intervalMs={HOUR} range={range} onRange={setRange} of="Alerts" />
        </div>
      </Specimen>
      <Specimen name="DataGrid" use="Thousands of rows by keys: sorted, selected, wide or narrow">
        <Grid />
      </Specimen>
    </>
  );
}
