import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { Reply } from '@/domain/Reply';
import { reasonLabel } from '@/domain/reasons';
import { useSensorName } from '@/domain/sensors';
import { useMay } from '@/domain/session';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { CopyButton } from '@/ui/Code';
import { KeyValue } from '@/ui/KeyValue';
import { Columns, Page, Section, Stack } from '@/ui/Page';
import { State } from '@/ui/State';
import { Path } from './Path';
import { type Receipt, receiptQuery } from './queries';
import { pathOf } from './steps';

const route = getRouteApi('/app/receipts/$receiptId');
const KINDS: Record<NonNullable<Receipt['kind']>, string> = {
  batch: 'Receipt of a request',
  event: 'Receipt of an event',
  quarantine: 'Receipt of a quarantined record',
};

/** How far something has come, and what it became. */
export default function ReceiptPage() {
  const { receiptId } = route.useParams();
  const receipt = useQuery(receiptQuery(receiptId));
  const { data } = receipt;
  const missing = receipt.isError && asApiError(receipt.error).status === 404;
  return (
    <Page
      title={data?.kind ? KINDS[data.kind] : 'Receipt'}
      beside={<span className="u-mono u-subtle">{receiptId}</span>}
    >
      {missing ? (
        <State title="There is no receipt of this id" detail={receiptId} action={<Another />}>
          Nothing of this id was accepted, or it is older than receipts are kept. It is certain: the queues are empty.
        </State>
      ) : (
        <Reply of={receipt}>{(found) => <Whole receipt={found} />}</Reply>
      )}
    </Page>
  );
}

function Another() {
  return (
    <Link to={PATHS.receipts} className="u-link">
      Look up another
    </Link>
  );
}

function Whole({ receipt }: { receipt: Receipt }) {
  return (
    <Columns kind="main">
      <Stack>
        <Section title="Its way">
          <Path steps={pathOf(receipt)} />
        </Section>
        {receipt.kind === 'batch' && receipt.quarantined ? (
          <Banner tone="warning" action={receipt.sensor_id && <QuarantineLink sensor={receipt.sensor_id} />}>
            {formatCount(receipt.quarantined)} of {formatCount(receipt.items ?? 0)} records could not be read.
          </Banner>
        ) : null}
        {receipt.quarantine && (
          <Banner
            tone={receipt.quarantine.status === 'open' ? 'warning' : 'info'}
            action={<QuarantineLink open={receipt.quarantine.id} />}
          >
            <strong>{reasonLabel(receipt.quarantine.reason)}.</strong> {receipt.quarantine.detail}
          </Banner>
        )}
      </Stack>
      <Facts receipt={receipt} />
    </Columns>
  );
}

function Facts({ receipt }: { receipt: Receipt }) {
  const { items, stored, duplicate, quarantined, event, batch_id, sensor_id, correlation_id } = receipt;
  const count = (value: number | null | undefined) =>
    value === null || value === undefined ? null : formatCount(value);
  return (
    <Section title="What it was">
      <Stack>
        <KeyValue
          facts={[
            ['Records', count(items)],
            ['Stored', count(stored)],
            ['Duplicate', duplicate ? count(duplicate) : null],
            ['Quarantined', quarantined ? count(quarantined) : null],
            ['Sensor', sensor_id && <SensorLink key="sensor" id={sensor_id} />],
            ['Request', batch_id && batch_id !== receipt.id && <ReceiptLink key="batch" id={batch_id} />],
            ['Event', event && event.id !== receipt.id && <ReceiptLink key="event" id={event.id} />],
            ['Alert', event?.alert_id && <AlertLink key="alert" id={event.alert_id} />],
            [
              'Index',
              event?.index && (
                <span key="index" className="u-mono">
                  {event.index}
                </span>
              ),
            ],
            [
              'In the logs',
              correlation_id && (
                <span key="correlation" className="u-mono">
                  {correlation_id} <CopyButton text={correlation_id} label="Copy the id in the logs" />
                </span>
              ),
            ],
          ]}
        />
        <Another />
      </Stack>
    </Section>
  );
}

function Mono({ children }: { children: ReactNode }) {
  return <span className="u-mono">{children}</span>;
}

function ReceiptLink({ id }: { id: string }) {
  return (
    <Link to={PATHS.receipt} params={{ receiptId: id }} className="u-link">
      <Mono>{id}</Mono>
    </Link>
  );
}

function AlertLink({ id }: { id: string }) {
  const may = useMay('alerts:read');
  if (!may) return <Mono>{id}</Mono>;
  return (
    <Link to={PATHS.alert} params={{ alertId: id }} className="u-link">
      Open its alert
    </Link>
  );
}

function SensorLink({ id }: { id: string }) {
  const name = useSensorName(id);
  const may = useMay('sensors:read');
  if (!may) return <Mono>{id}</Mono>;
  return (
    <Link to={PATHS.sensor} params={{ sensorId: id }} className="u-link">
      {name}
    </Link>
  );
}

function QuarantineLink(search: { open?: string; sensor?: string }) {
  const may = useMay('quarantine:read');
  return may ? (
    <Link to={PATHS.quarantine} search={search} className="u-link">
      {search.open ? 'Look at the record' : 'Look at what waits'}
    </Link>
  ) : null;
}
