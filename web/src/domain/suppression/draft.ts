import type { components } from '@/api/schema';
import { same } from '@/lib/diff';
import { fieldOf, momentOf } from '@/lib/zone';
import type { Asked } from './queries';
import { recurrenceOf, type Windowed, windowOf } from './recurrence';

type Suppression = components['schemas']['SuppressionRead'];
type Create = components['schemas']['SuppressionCreate'];
type Update = components['schemas']['SuppressionUpdate'];

/** A suppression as it is filled in; times as fields have them. */
export interface Draft {
  name: string;
  query: string;
  reason: string;
  mode: 'active' | 'monitor';
  startsAt: string;
  endsAt: string;
  window: Windowed | null;
  organizationId?: string | undefined;
  proposedByAlertId?: string | undefined;
  ownerId?: string | null | undefined;
}

const DAY = 86_400_000;

/** An empty one, which ends in a month. */
export function newDraft(zone: string, some: Partial<Draft> = {}): Draft {
  const endsAt = endIn(30, zone);
  return { name: '', query: '', reason: '', mode: 'active', startsAt: '', endsAt, window: null, ...some };
}

/** The field of a moment so many days from now. */
export const endIn = (days: number, zone: string): string => fieldOf(Date.now() + days * DAY, zone);

/** One that is there, to be changed. */
export function draftOf(row: Suppression, zone: string): Draft {
  return {
    name: row.name,
    query: row.query,
    reason: row.reason,
    mode: row.mode,
    startsAt: fieldOf(row.starts_at, zone),
    endsAt: fieldOf(row.ends_at, zone),
    window: row.recurrence && windowOf(row.recurrence),
    organizationId: row.organization_id,
    ownerId: row.owner_id,
  };
}

/** What is measured of it. */
export function askedOf(draft: Draft, days: number, zone: string): Asked {
  return {
    query: draft.query.trim(),
    days,
    recurrence: draft.window && recurrenceOf(draft.window),
    startsAt: momentOf(draft.startsAt, zone) ?? null,
    organizationId: draft.organizationId,
  };
}

/** As `POST /suppressions` takes it. */
export function bodyOf(draft: Draft, zone: string): Create {
  return {
    name: draft.name.trim(),
    query: draft.query.trim(),
    reason: draft.reason.trim(),
    mode: draft.mode,
    starts_at: momentOf(draft.startsAt, zone) ?? null,
    ends_at: momentOf(draft.endsAt, zone) ?? '',
    recurrence: draft.window && recurrenceOf(draft.window),
    owner_id: draft.ownerId ?? null,
    organization_id: draft.organizationId ?? null,
    proposed_by_alert_id: draft.proposedByAlertId ?? null,
  };
}

/** As `PATCH /suppressions/{id}` takes it: what was changed alone, so that nothing of somebody else's is undone. */
export function patchOf(first: Draft, draft: Draft, zone: string): Update {
  const before: Readonly<Record<string, unknown>> = { ...bodyOf(first, zone) };
  const after = Object.entries(bodyOf(draft, zone));
  return Object.fromEntries(after.filter(([name, value]) => !same(before[name], value)));
}

/** What keeps it from being saved, in the order of the fields; undefined where nothing does. */
export function missingIn(draft: Draft, zone: string): string | undefined {
  if (!draft.name.trim()) return 'It needs a name';
  if (!draft.query.trim()) return 'It needs a query';
  if (draft.reason.trim().length < 3) return 'It needs a reason';
  const end = momentOf(draft.endsAt, zone);
  if (!end) return 'It needs an end';
  const start = momentOf(draft.startsAt, zone);
  if (Date.parse(end) <= Math.max(Date.now(), start ? Date.parse(start) : 0))
    return 'Its end lies before its start or now';
  return undefined;
}
