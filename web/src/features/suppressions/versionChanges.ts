import { recurrenceWords } from '@/domain/suppression/recurrence';
import { words } from '@/lib/format';
import { formatMoment } from '@/lib/zone';

interface Difference {
  name: string;
  before: string;
  after: string;
}

type Content = Readonly<Record<string, unknown>>;

const LABELS: Readonly<Record<string, string>> = {
  name: 'Name',
  query: 'Query',
  reason: 'Reason',
  mode: 'Mode',
  starts_at: 'Starts',
  ends_at: 'Ends',
  recurrence: 'Windows',
  needs_approval: 'Needs approval',
  approved_at: 'Approved',
  ended_at: 'Ended',
};

/** What one version has otherwise than another. */
export function differences(before: Content, after: Content, zone: string): Difference[] {
  const one = told(before, zone);
  const other = told(after, zone);
  return Object.entries(LABELS).flatMap(([key, name]) => {
    const [was, is] = [one[key] ?? 'none', other[key] ?? 'none'];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}

/** The three columns of a window are one thing. */
function told(content: Content, zone: string): Record<string, string> {
  return Object.fromEntries(
    Object.keys(LABELS).flatMap((key): [string, string][] => {
      const value = key === 'recurrence' ? windowIn(content) : content[key];
      if (value === null || value === undefined) return [];
      if (key.endsWith('_at')) return [[key, formatMoment(String(value), zone)]];
      if (typeof value === 'boolean') return [[key, value ? 'yes' : 'no']];
      return [[key, key === 'mode' ? words(String(value)) : String(value)]];
    }),
  );
}

function windowIn({ recurrence, duration, zone }: Content): string | undefined {
  if (typeof recurrence === 'object' && recurrence !== null) return recurrenceWords(recurrence as never);
  if (typeof recurrence !== 'string') return undefined;
  const seconds = typeof duration === 'number' ? duration : Number(duration);
  if (Number.isNaN(seconds)) return `${recurrence} for ${String(duration)}, ${String(zone ?? 'UTC')}`;
  return recurrenceWords({ rule: recurrence, duration_seconds: seconds, zone: String(zone ?? 'UTC') });
}
