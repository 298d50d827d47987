import type { CellValue } from '@/domain/grid/columns';
import { defanged } from '@/lib/defang';
import type { Alert } from './queries';

export type Entity = NonNullable<Alert['entities']>[number];

/** What an alert is about in one line: who, where, and against what. */
interface Line {
  user?: Entity | undefined;
  at?: Entity | undefined;
  to?: Entity | undefined;
  /** How many of those that are known the line has no room for. */
  more: number;
}

/** Where it happened is its host, or else the address that it came from. */
export function lineOf(entities: readonly Entity[]): Line {
  const of = (type: string) => entities.find((one) => one.type === type);
  const to = entities.find((one) => one.field === 'destination.ip');
  const user = of('user');
  const at = of('host') ?? entities.find((one) => one.type === 'ip' && one !== to);
  return { user, at, to, more: entities.length - [user, at, to].filter(Boolean).length };
}

/** What the cell is filtered by: where it happened. An address is copied so that nobody follows it. */
export function cellOf(entities: readonly Entity[]): CellValue | undefined {
  const { user, at, to } = lineOf(entities);
  const one = at ?? user ?? to;
  if (!one) return undefined;
  const { type, value, field } = one;
  return { field: field ?? `observable.${type}`, value, ...(type === 'ip' && { copy: defanged(value) }) };
}

/** All of them, each with where it stood. */
export const titleOf = (entities: readonly Entity[]): string =>
  entities.map(({ type, value, field }) => `${field ?? type}: ${value}`).join('\n');
