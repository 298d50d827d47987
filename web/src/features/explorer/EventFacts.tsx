import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { useSensorName } from '@/domain/sensors';
import { useMay } from '@/domain/session';
import { Time } from '@/domain/Time';
import { CopyButton } from '@/ui/Code';
import { KeyValue } from '@/ui/KeyValue';
import s from './EventDrawer.module.css';
import { type EventDetail, receiptQuery } from './queries';

/** When it was, which alert it is in, and by which way it came. */
export function EventFacts({ event }: { event: EventDetail }) {
  const mayReceipts = useMay('receipts:read');
  const receipt = useQuery({ ...receiptQuery(event.id), enabled: mayReceipts });
  const correlation = receipt.data?.correlation_id;
  const facts: [name: string, value: ReactNode][] = [];
  facts.push(['Time', <Time key="time" at={event.time} />]);
  facts.push(['Received', <Time key="received" at={event.received_at} />]);
  facts.push(['Alert', <Alert key="alert" id={event.alert_id} />]);
  facts.push(['Sensor', <Sensor key="sensor" id={event.sensor_id} />]);
  if (mayReceipts) facts.push(['Receipt', <Receipt key="receipt" id={event.batch_id} />]);
  if (correlation) facts.push(['Correlation', <Copied key="c" text={correlation} label="Copy the correlation id" />]);
  facts.push(['Event id', <Copied key="id" text={event.id} label="Copy the event's id" />]);
  return <KeyValue facts={facts} />;
}

function Alert({ id }: { id: string | null }) {
  const may = useMay('alerts:read');
  if (!id) return <span className="u-muted">In none</span>;
  if (!may) return <span className="u-mono">{id}</span>;
  return (
    <Link to={PATHS.alert} params={{ alertId: id }} className="u-link">
      The alert it is in
    </Link>
  );
}

function Sensor({ id }: { id: string }) {
  const may = useMay('sensors:read');
  const name = useSensorName(id);
  if (!may) return name;
  return (
    <Link to={PATHS.sensor} params={{ sensorId: id }} className="u-link">
      {name}
    </Link>
  );
}

function Receipt({ id }: { id: string }) {
  return (
    <Link to={PATHS.receipt} params={{ receiptId: id }} className="u-link">
      How it came here
    </Link>
  );
}

function Copied({ text, label }: { text: string; label: string }) {
  return (
    <span className={s.copied}>
      <span className="u-mono u-cut" title={text}>
        {text}
      </span>
      <CopyButton text={text} label={label} />
    </span>
  );
}
