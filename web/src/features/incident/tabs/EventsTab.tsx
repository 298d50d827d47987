import { useState } from 'react';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { Moment, useZoneLabel } from '@/domain/Time';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { State } from '@/ui/State';
import { Switch } from '@/ui/Switch';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { useHere, useKept } from '../here';
import { usePages } from '../parts/usePages';
import { type EventCopy, eventsQuery } from '../queries';
import s from './Bar.module.css';
import { EventDialog } from './EventDialog';
import e from './EventsTab.module.css';
import { PickDialog } from './PickDialog';

/** The incident's own copies of events, which stay when the events' time is over. */
export function EventsTab() {
  const { incident, mayChange } = useHere();
  const [picked, setPicked] = useKept('only picked', false);
  const { rows, reply, more } = usePages(eventsQuery(incident.id, picked));
  const [open, setOpen] = useState<string | null>(null);
  const [picking, setPicking] = useState(false);
  const opened = rows.find(({ id }) => id === open);
  const zone = useZoneLabel();
  return (
    <>
      <div className={s.bar}>
        <Switch label="Only those that were picked" checked={picked} onChange={setPicked} />
        {mayChange && (
          <Row end>
            <Button onClick={() => setPicking(true)}>Pick events…</Button>
          </Row>
        )}
      </div>
      <Reply of={reply} lines={5}>
        {() => (
          <Table
            label="Events of the incident"
            columns={columnsOf(zone, setOpen)}
            rows={rows}
            keyOf={(row) => row.id}
            more={more}
            empty={
              <State
                title="No events are kept"
                action={picked && <Button onClick={() => setPicked(false)}>Show those of alerts too</Button>}
              >
                Of each linked alert the first and the last hundred are copied within seconds.
              </State>
            }
          />
        )}
      </Reply>
      {opened && <EventDialog event={opened} onLeave={() => setOpen(null)} />}
      {picking && <PickDialog onLeave={() => setPicking(false)} />}
    </>
  );
}

const columnsOf = (zone: string, onOpen: (id: string) => void): Column<EventCopy>[] => [
  { name: `Time (${zone})`, cell: (row) => <Moment at={row.time} /> },
  { name: 'Severity', cell: (row) => row.severity !== null && <SeverityBadge severity={row.severity} /> },
  {
    name: 'Event',
    grow: true,
    cell: (row) => (
      <button type="button" className={e.open} onClick={() => onOpen(row.id)}>
        {row.title ?? row.event_id}
      </button>
    ),
  },
  {
    name: 'Kept',
    cell: (row) => (
      <span className={e.marks}>
        {row.picked ? <Tag tone="accent">picked</Tag> : <Tag>of an alert</Tag>}
        {!row.intact && <Tag tone="danger">not what it was</Tag>}
      </span>
    ),
  },
];
