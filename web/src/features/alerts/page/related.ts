import { oneOf } from '@/lib/query';
import type { AlertDetail } from '../queries';
import { SPANS, type Span } from './search';

/** Whose other alerts are looked for. */
export interface Entity {
  key: string;
  type: 'host' | 'user' | 'ip';
  value: string;
}

const TYPES = ['host', 'user', 'ip'] as const;
/** Of each type; an alert of a scan has hundreds of addresses. */
const MOST = 4;

/** Hosts first, then users, then addresses. */
export function entitiesOf(observables: AlertDetail['observables']): Entity[] {
  return TYPES.flatMap((type) =>
    observables
      .filter((one) => one.type === type)
      .slice(0, MOST)
      .map(({ value }) => ({ key: `${type}:${value}`, type, value })),
  );
}

/** From a span before it was first seen to one after it was last seen. */
export function around({ first_seen, last_seen }: AlertDetail, span: Span = '1h'): { from: string; to: string } {
  return {
    from: new Date(Date.parse(first_seen) - SPANS[span]).toISOString(),
    to: new Date(Date.parse(last_seen) + SPANS[span]).toISOString(),
  };
}

/** Alerts in which it was seen anywhere, which were going on in this span around ours. */
export function aroundOf(entity: Entity, alert: AlertDetail, span: Span): string {
  const { from, to } = around(alert, span);
  const seen = oneOf(`observable.${entity.type}`, [entity.value]);
  return `${seen} AND last_seen:>="${from}" AND first_seen:<="${to}"`;
}

/** The field of events in which an observable of that type stands most often; null where a search by word is better. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  ip: ['source.ip', 'destination.ip', 'host.ip'],
  host: ['host.name'],
  user: ['user.name'],
  domain: ['dns.question.name', 'url.domain', 'destination.domain'],
  process: ['process.name'],
  file: ['file.path'],
  url: ['url.full'],
  hash: ['file.hash.sha256', 'file.hash.sha1', 'file.hash.md5'],
};

/** Events with that value; of a type without fields of its own, those in which it stands as a word. */
export function eventsWith(type: string, value: string): string {
  const [first, ...others] = (FIELDS[type] ?? []).map((field) => oneOf(field, [value]));
  if (!first) return `"${value.replace(/[\\"]/g, (sign) => `\\${sign}`)}"`;
  return [first, ...others].join(' OR ');
}

/** Alerts in which it was seen. */
export const alertsWith = (type: string, value: string): string => oneOf(`observable.${type}`, [value]);
