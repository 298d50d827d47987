import type { Group } from './queries';
import type { QuarantineSearch } from './search';

export interface Counted {
  value: string;
  label: string;
  count: number;
}

type Chosen = Pick<QuarantineSearch, 'reason' | 'sensor' | 'requested'>;

const matches = (group: Group, { reason, sensor, requested }: Chosen): boolean =>
  (reason === undefined || group.reason === reason) &&
  (sensor === undefined || group.sensor_id === sensor) &&
  (requested === undefined || group.requested === requested);

/** How many records match. */
export const countOf = (groups: readonly Group[], chosen: Chosen): number =>
  groups.filter((group) => matches(group, chosen)).reduce((sum, group) => sum + group.records, 0);

/** How many of them nobody has asked anything of yet. */
export const freeOf = (groups: readonly Group[], chosen: Chosen): number =>
  countOf(
    groups.filter((group) => group.requested === null),
    chosen,
  );

/** Reasons under all choices but their own, the most frequent first. What is chosen stays, though there is none of it. */
export function byReason(groups: readonly Group[], chosen: Chosen, label: (reason: string) => string): Counted[] {
  return counted(
    groups,
    { ...chosen, reason: undefined },
    (group) => [group.reason, label(group.reason)],
    chosen.reason,
    label,
  );
}

/** Sensors likewise; the one that is chosen is called so where there is none of it. */
export function bySensor(groups: readonly Group[], chosen: Chosen, name: string): Counted[] {
  const said = (group: Group): readonly [string, string] => [group.sensor_id, group.sensor ?? group.sensor_id];
  return counted(groups, { ...chosen, sensor: undefined }, said, chosen.sensor, () => name);
}

function counted(
  groups: readonly Group[],
  others: Chosen,
  keyOf: (group: Group) => readonly [string, string],
  chosen: string | undefined,
  nameOf: (value: string) => string,
): Counted[] {
  const sums = new Map<string, Counted>();
  for (const group of groups.filter((one) => matches(one, others))) {
    const [value, label] = keyOf(group);
    const before = sums.get(value)?.count ?? 0;
    sums.set(value, { value, label, count: before + group.records });
  }
  if (chosen !== undefined && !sums.has(chosen)) sums.set(chosen, { value: chosen, label: nameOf(chosen), count: 0 });
  return [...sums.values()].sort((one, other) => other.count - one.count || one.label.localeCompare(other.label));
}
