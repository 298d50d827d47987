import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { Age, Moment } from '@/domain/Time';
import { formatBytes, formatCount } from '@/lib/format';
import { KeyValue } from '@/ui/KeyValue';
import { Progress } from '@/ui/Progress';
import { Tag } from '@/ui/Tag';
import { type Dependency, type Disk, dependenciesIn, disksIn } from './parse';
import { MEANING } from './problems';
import type { System } from './queries';
import s from './Status.module.css';

/** What the product stands on, and what it means where one is away. */
export function Dependencies({ raw }: { raw: unknown }) {
  return (
    <ul className={s.rows}>
      {dependenciesIn(raw).map((one) => (
        <DependencyRow key={one.name} one={one} />
      ))}
    </ul>
  );
}

function DependencyRow({ one }: { one: Dependency }) {
  const ok = one.status === 'ok';
  const Icon = ok ? CircleCheck : one.status === 'down' ? CircleAlert : TriangleAlert;
  return (
    <li className={s.row} data-state={ok ? 'ok' : one.status}>
      <Icon size={14} aria-hidden="true" />
      <div>
        <strong className={s.name}>{one.name}</strong>{' '}
        {!one.required && <span className="u-subtle">can be down for a while</span>}
        {!ok && (
          <p className="u-muted">
            {one.detail && `${one.detail}. `}
            {MEANING[one.name]}
          </p>
        )}
        {ok && one.detail && <p className="u-muted">{one.detail}</p>}
      </div>
      <span className={s.figure}>
        {ok ? (
          one.latencyMs !== null && `${one.latencyMs} ms`
        ) : (
          <>
            {one.status}{' '}
            {one.since && (
              <>
                for <Age at={one.since} />
              </>
            )}
          </>
        )}
      </span>
    </li>
  );
}

/** How full the stores are, and when they will be. */
export function Disks({ raw }: { raw: unknown }) {
  const { disks, measuredAt } = disksIn(raw);
  if (disks.length === 0)
    return <p className="u-muted">Nobody has measured them yet. Maintenance does, every five minutes.</p>;
  return (
    <>
      <ul className={s.rows}>
        {disks.map((disk) => (
          <DiskRow key={disk.store} disk={disk} />
        ))}
      </ul>
      {measuredAt && (
        <p className={s.foot}>
          Measured <Age at={measuredAt} /> ago
        </p>
      )}
    </>
  );
}

function DiskRow({ disk }: { disk: Disk }) {
  const { store, used, free, capacity, nearlyFull, fullAt, bytesPerDay, helps } = disk;
  const taken = capacity !== null && free !== null ? capacity - free : null;
  return (
    <li className={s.disk} data-state={nearlyFull ? 'down' : 'ok'}>
      <p className={s.diskHead}>
        <strong className={s.name}>{store}</strong>
        {nearlyFull && <Tag tone="danger">Nearly full</Tag>}
        <span className={s.figure}>
          {fullAt ? (
            <>
              full <Age at={fullAt} />
            </>
          ) : free === null ? (
            'room not known'
          ) : (
            `${formatBytes(free)} free`
          )}
        </span>
      </p>
      {taken !== null && capacity !== null && <Progress label={`Disk of ${store}`} value={taken} max={capacity} />}
      <p className="u-subtle">
        {[
          `${formatBytes(used)} of ours`,
          capacity !== null && free !== null && `${formatBytes(free)} of ${formatBytes(capacity)} free`,
          bytesPerDay !== null && `${formatBytes(bytesPerDay)} more a day`,
        ]
          .filter(Boolean)
          .join(' · ')}
        {fullAt && (
          <>
            {' · '}full at <Moment at={fullAt} />
          </>
        )}
      </p>
      {helps.map((help) => (
        <p key={help} className="u-muted">
          {help}
        </p>
      ))}
    </li>
  );
}

/** What is stored and not found yet, and what nobody was told of yet. */
export function Backlogs({ value }: { value: NonNullable<System['backlogs']['value']> }) {
  const { most, outbox, projection } = value;
  const many = (rows: number) => `${formatCount(rows)}${rows >= most ? '+' : ''}`;
  return (
    <KeyValue
      facts={[
        ['Not found by search yet', many(projection.rows)],
        ['The oldest of them', projection.oldest_at && <Age key="oldest" at={projection.oldest_at} />],
        ['Refused by OpenSearch', formatCount(projection.refused ?? 0)],
        ['Changes not told yet', many(outbox.rows)],
        ['The oldest change', outbox.oldest_at && <Age key="told" at={outbox.oldest_at} />],
      ]}
    />
  );
}

/** Of the product and of what it runs on. */
export function Versions({ system }: { system: System }) {
  const { versions, search, broker } = system;
  return (
    <KeyValue
      facts={[
        ['EventSec', versions.value?.product ?? 'not known'],
        ['Schema', versions.value?.schema_found ?? 'not known'],
        ['PostgreSQL', versions.value?.postgres ?? versions.reason ?? 'not known'],
        ['OpenSearch', search.value ?? search.reason ?? 'not known'],
        ['RabbitMQ', broker.value?.version ?? broker.reason ?? 'not known'],
      ]}
    />
  );
}
