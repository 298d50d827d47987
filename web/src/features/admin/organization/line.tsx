import type { Difference } from '@/lib/diff';
import type { ChangeLine } from '@/ui/Changes';
import { nameOf } from './form';
import { fromLabel } from './Review';

/** A change of the policy as it is told. */
export function lineOf({ path, before, after }: Difference): ChangeLine {
  const show = (value: unknown) => shown(path, value);
  return { name: nameOf(path), before: show(before), after: show(after) };
}

function shown(path: string, value: unknown): string {
  if (path.startsWith('review.')) return fromLabel(String(value ?? ''));
  if (path === 'calendar') return value === null ? 'All time counts' : `In ${(value as { zone: string }).zone}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value ?? '');
}
