import { Json } from '@/domain/Json';
import { Markdown } from '@/domain/Markdown';
import { Person } from '@/domain/Person';
import { useSession } from '@/domain/session';
import { Age, Moment, Time, useZoneLabel } from '@/domain/Time';
import { Avatar } from '@/ui/Avatar';
import { Changes } from '@/ui/Changes';
import { Code } from '@/ui/Code';
import { KeyValue } from '@/ui/KeyValue';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Specimen, States } from './Specimen';

const AT = '2026-11-27T16:01:15Z';

interface Row {
  name: string;
  rate: number;
}
const ROWS: readonly Row[] = [
  { name: 'Suricata, border', rate: 1204 },
  { name: 'Wazuh', rate: 310 },
];
const COLUMNS: readonly Column<Row>[] = [
  { name: 'Sensor', cell: (row) => row.name, grow: true },
  { name: 'Per second', cell: (row) => row.rate, align: 'end' },
];

/** What is read. */
export function Data() {
  const zone = useZoneLabel();
  const { user } = useSession();
  return (
    <>
      <Specimen name="Table" use="Lists whose pages are fetched one by one; thousands of rows are for the grid">
        <Table
          label="Sensors"
          columns={COLUMNS}
          rows={ROWS}
          keyOf={(row) => row.name}
          more={{ load: () => undefined, busy: false }}
        />
        <Table label="Old sensors" columns={COLUMNS} rows={ROWS} keyOf={(row) => row.name} stale />
        <Table
          label="No sensors"
          columns={COLUMNS}
          rows={[]}
          keyOf={(row) => row.name}
          empty={<State title="No sensor yet" />}
        />
      </Specimen>
      <Specimen name="KeyValue" use="Facts of one thing; what is not there is left out">
        <KeyValue
          facts={[
            ['Rule', 'sshd brute force'],
            ['Risk', '80 of 100'],
            ['Nothing', null],
          ]}
        />
      </Specimen>
      <Specimen name="Time, Moment, Age" use={`In the zone that was chosen, ${zone}; its column names it`}>
        <States
          of={[
            ['Time', <Time key="time" at={AT} />],
            ['Moment', <Moment key="moment" at={AT} />],
            ['Age', <Age key="age" at={AT} />],
          ]}
        />
      </Specimen>
      <Specimen name="Avatar and Person" use="Somebody by initials, with the name where there is room">
        <States
          of={[
            ['me', <Avatar key="me" name={user.name} me />],
            ['somebody', <Avatar key="other" name="Noor Night" />],
            ['nobody', <Avatar key="none" name={null} />],
            ['Person', <Person key="person" id={user.id} />],
            ['Person, nobody', <Person key="nobody" id={null} />],
          ]}
        />
      </Specimen>
      <Specimen name="Code and Json" use="Text as machines have it, to be read and copied">
        <Code label="Command" text="curl -sf https://soc.example.org/api/v1/alerts" />
        <Json label="Record" value={{ event_type: 'alert', src_ip: '198.51.100.7' }} />
      </Specimen>
      <Specimen name="Changes" use="What was, and what is instead">
        <Changes
          label="Changes"
          lines={[
            { name: 'Severity', before: 'Medium', after: 'High' },
            { name: 'Assignee', before: null, after: 'Ada Admin' },
          ]}
        />
      </Specimen>
      <Specimen name="Markdown" use="What people wrote; no HTML and no image of theirs">
        <Markdown
          text={
            'Seen on **two** hosts, see [the report](https://example.org).\n\n- `svchost.exe`\n- a scheduled task\n\n> Ask the owner.'
          }
        />
      </Specimen>
    </>
  );
}
