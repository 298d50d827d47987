/** A zone is `utc`, `local` or an IANA name; one that the browser does not know is told in UTC. */
export function ianaOf(zone: string): string {
  if (zone === 'local') return Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === 'utc' || !known(zone) ? 'UTC' : zone;
}

const known = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
};

/** What stands in column heads: UTC, or the zone's short name at this moment, such as CET or GMT+5:30. */
export function zoneLabel(zone: string, at = new Date()): string {
  if (zone === 'utc') return 'UTC';
  const parts = formatter(zone, 'label', { timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}

/** 2026-11-27 16:01:15 */
export function formatMoment(at: string | number | Date, zone: string): string {
  return `${formatDay(at, zone)} ${formatClock(at, zone)}`;
}

/** 2026-11-27 */
export const formatDay = (at: string | number | Date, zone: string): string =>
  formatter(zone, 'day', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at));

/** 16:01:15 */
export const formatClock = (at: string | number | Date, zone: string): string =>
  formatter(zone, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    new Date(at),
  );

/** 16:01, on axes. */
export const formatMinute = (at: string | number | Date, zone: string): string =>
  formatter(zone, 'minute', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));

/** With the zone's offset, as it is copied: 2026-11-27T17:01:15+01:00 */
export function formatIso(at: string | number | Date, zone: string): string {
  const offset = formatter(zone, 'offset', { timeZoneName: 'longOffset' })
    .formatToParts(new Date(at))
    .find((part) => part.type === 'timeZoneName')
    ?.value.replace('GMT', '');
  return `${formatDay(at, zone)}T${formatClock(at, zone)}${!offset || offset === '+00:00' ? 'Z' : offset}`;
}

/** What a `datetime-local` field holds for a moment: 2026-11-27T16:01 */
export function fieldOf(at: string | number | Date, zone: string): string {
  return `${formatDay(at, zone)}T${formatMinute(at, zone)}`;
}

/** The moment that a `datetime-local` field means in a zone, in ISO; undefined where it is empty or none. */
export function momentOf(field: string, zone: string): string | undefined {
  const wall = Date.parse(`${field}Z`);
  if (Number.isNaN(wall)) return undefined;
  // Twice, because the offset at the first guess may be another one than at the moment itself.
  const first = wall - offsetAt(wall, zone);
  return new Date(wall - offsetAt(first, zone)).toISOString();
}

function offsetAt(at: number, zone: string): number {
  return Date.parse(`${formatDay(at, zone)}T${formatClock(at, zone)}Z`) - Math.floor(at / 1000) * 1000;
}

const made = new Map<string, Intl.DateTimeFormat>();

// Making one takes longer than using it a hundred times.
function formatter(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`;
  const kept = made.get(key) ?? new Intl.DateTimeFormat('en-CA', { ...options, timeZone: ianaOf(zone) });
  made.set(key, kept);
  return kept;
}
