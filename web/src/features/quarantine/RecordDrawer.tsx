import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { formatLabel } from '@/domain/formats';
import { Place } from '@/domain/Place';
import { Reply } from '@/domain/Reply';
import { reasonLabel, reasonMend } from '@/domain/reasons';
import { useMay } from '@/domain/session';
import { Time } from '@/domain/Time';
import { formatBytes, words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import { Dialog } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { Row } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import { SensorLink } from './columns';
import { bytesOf, hexDump, isPlain } from './hex';
import { Mend } from './Mend';
import s from './Quarantine.module.css';
import { type RecordDetail, recordQuery } from './queries';

const STATES: Record<RecordDetail['status'], string> = {
  open: 'Waiting',
  redriven: 'Re-driven',
  discarded: 'Discarded',
};

/** One record whole, why it is no event, and what can be done about it. */
export function RecordDrawer({ id, onLeave }: { id: string; onLeave: () => void }) {
  const record = useQuery(recordQuery(id));
  const mayChange = useMay('quarantine:write', record.data?.organization_id);
  return (
    <Dialog title={record.data ? reasonLabel(record.data.reason) : 'Quarantined record'} size="side" onLeave={onLeave}>
      <Reply of={record} lines={12}>
        {(found) => (
          <div className={s.record}>
            {found.status === 'open' && <Why record={found} />}
            <Facts record={found} />
            {mayChange && found.status === 'open' ? (
              <Mend key={`${found.id} ${found.edited_record ? 'edited' : ''}`} record={found} />
            ) : null}
            {found.edited_record && found.status !== 'open' && (
              <Raw title="As it was edited" content={found.edited_record} />
            )}
            <Raw title="As it was received" content={found.record} />
            <History record={found} />
            <Row end>
              <Button onClick={onLeave}>Close</Button>
            </Row>
          </div>
        )}
      </Reply>
    </Dialog>
  );
}

function Why({ record }: { record: RecordDetail }) {
  const read = record.edited_record ?? record.record;
  return (
    <Banner tone="danger">
      {record.detail}
      <Place text={read.text} detail={record.detail} />
      {reasonMend(record.reason) && <p className="u-muted">{reasonMend(record.reason)}</p>}
    </Banner>
  );
}

function Facts({ record }: { record: RecordDetail }) {
  return (
    <KeyValue
      facts={[
        [
          'State',
          <Row key="state">
            <Tag tone={record.status === 'redriven' ? 'success' : undefined}>{STATES[record.status]}</Tag>
            {record.requested && (
              <Tag tone="accent">{record.requested === 'redrive' ? 'To be re-driven' : 'To be discarded'}</Tag>
            )}
          </Row>,
        ],
        ['Sensor', <SensorLink key="sensor" id={record.sensor_id} />],
        ['Received', <Time key="received" at={record.received_at} />],
        ['Read as', record.format ? formatLabel(record.format) : 'as its sensor is set'],
        [
          'Sent to',
          <span key="path" className="u-mono">
            {record.path}
          </span>,
        ],
        ['Size', formatBytes(record.bytes)],
        [
          'Became',
          record.event_id && (
            <Link key="event" to={PATHS.receipt} params={{ receiptId: record.event_id }} className="u-link">
              an event
            </Link>
          ),
        ],
        [
          'Its way',
          <Link key="receipt" to={PATHS.receipt} params={{ receiptId: record.id }} className="u-link">
            Receipt
          </Link>,
        ],
        [
          'Came with',
          <Link key="batch" to={PATHS.receipt} params={{ receiptId: record.batch_id }} className="u-link">
            its request
          </Link>,
        ],
      ]}
    />
  );
}

function Raw({ title, content }: { title: string; content: RecordDetail['record'] }) {
  const { text, base64 } = content;
  const plain = isPlain(text);
  const [hex, setHex] = useState(!plain);
  return (
    <section className={s.part} aria-label={title}>
      <div className={s.partHead}>
        <h3>{title}</h3>
        <Button size="sm" variant="ghost" aria-pressed={hex} onClick={() => setHex(!hex)}>
          {hex ? 'Show as text' : 'Show bytes'}
        </Button>
      </div>
      {!plain && (
        <p className="u-subtle">
          It has bytes that are no visible text; those are exact here, and replaced in the text.
        </p>
      )}
      {base64 === '' ? (
        <p className="u-subtle">There is nothing in it.</p>
      ) : (
        <Code label={`Record ${title.toLowerCase()}`} text={hex ? hexDump(bytesOf(base64)) : text} scroll={hex} />
      )}
    </section>
  );
}

function History({ record }: { record: RecordDetail }) {
  if (record.history.length === 0) return null;
  return (
    <section className={s.part} aria-label="History">
      <h3 className={s.partHead}>What was done</h3>
      <ul className={s.history}>
        {record.history.map((entry) => (
          <li key={`${entry.at} ${entry.what}`}>
            <Time at={entry.at} /> {words(entry.what)} {entry.by && <span className="u-muted">by {entry.by}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
