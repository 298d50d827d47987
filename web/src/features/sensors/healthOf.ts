import type { Account, Minute, Sensor } from './queries';

export type Health = 'disabled' | 'waiting' | 'silent' | 'unstored' | 'stopped' | 'failing' | 'well';

/** What is said of a sensor in a word, and the tone it is said in. */
export const HEALTH: Record<Health, { label: string; tone?: 'danger' | 'warning' | 'success'; why: string }> = {
  disabled: { label: 'Disabled', why: 'Its keys are refused until it is enabled again.' },
  waiting: {
    label: 'Nothing yet',
    why: 'No record was counted since it was added. The first shows here some seconds after it came.',
  },
  silent: { label: 'Gone quiet', tone: 'danger', why: 'Nothing came for longer than expected of it.' },
  unstored: {
    label: 'Nothing stored',
    tone: 'danger',
    why: 'Records came within the last hour, and none was stored: what can be mended waits in quarantine.',
  },
  stopped: {
    label: 'Quiet',
    tone: 'warning',
    why: 'Nothing came for an hour. No interval is set, so nobody is warned of it.',
  },
  failing: { label: 'Unreadable', tone: 'warning', why: 'Many of its records wait in quarantine.' },
  well: { label: 'Well', tone: 'success', why: 'Records come, and are stored.' },
};

/** The account of a time in which nothing came. */
export const NOTHING: Account = {
  requests: 0,
  accepted: 0,
  stored: 0,
  duplicate: 0,
  quarantined: 0,
  discarded: 0,
  in_flight_or_parked: 0,
  unreported: 0,
  ignored: 0,
  unconfirmed: 0,
  refused: {},
};

const HOUR_MS = 3_600_000;
/** More than every twentieth record unreadable is no accident. */
const MANY = 0.05;

/** How a sensor is. Without its account what is known of it alone is said. */
export function healthOf(
  sensor: Pick<Sensor, 'status' | 'silent' | 'last_seen_at'>,
  account: Account | undefined,
  now: number,
): Health {
  if (sensor.status === 'disabled') return 'disabled';
  if (sensor.last_seen_at === null) return sensor.silent ? 'silent' : 'waiting';
  if (sensor.silent) return 'silent';
  if (account && noneStored(account)) return 'unstored';
  if (account && quarantinedShare(account) > MANY) return 'failing';
  // Where an interval is expected the server has said already that it is kept.
  if (sensor.silent === null && now - Date.parse(sensor.last_seen_at) > HOUR_MS) return 'stopped';
  return 'well';
}

/**
 * Whether all that came anew went to quarantine. Repeats say nothing of it: they are of what was stored or of what was
 * not; and what is left out is left out on purpose.
 */
const noneStored = ({ stored, quarantined, discarded }: Account): boolean =>
  stored === 0 && quarantined + discarded > 0;

/** A part of a whole, 0 to 1; of nothing it is 0. */
export function shareOf(part: number | undefined, whole: number | undefined): number {
  return whole ? Math.min(1, (part ?? 0) / whole) : 0;
}

/** What part of all that came waits in quarantine. */
export const quarantinedShare = ({ quarantined, accepted, unreported }: Account): number =>
  shareOf(quarantined, accepted + unreported);

/** 0.3 % of little is said as such, never as 0. */
export function formatShare(share: number): string {
  if (share === 0) return '0 %';
  if (share < 0.001) return '< 0.1 %';
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Every minute of a span in order, those in which nothing came too. */
export function everyMinute(minutes: readonly Minute[], from: string, to: string): Minute[] {
  const known = new Map(minutes.map((one) => [Date.parse(one.minute), one]));
  const all: Minute[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += 60_000)
    all.push(known.get(at) ?? { ...NOTHING, minute: new Date(at).toISOString() });
  return all;
}

/** Neighbours put together, so that no more than so many bars are drawn. */
export function gathered(minutes: readonly Minute[], most: number): { start: number; minutes: Minute[] }[] {
  const size = Math.max(1, Math.ceil(minutes.length / most));
  const groups: { start: number; minutes: Minute[] }[] = [];
  for (let at = 0; at < minutes.length; at += size) {
    const some = minutes.slice(at, at + size);
    groups.push({ start: Date.parse(some[0]?.minute ?? ''), minutes: some });
  }
  return groups;
}
