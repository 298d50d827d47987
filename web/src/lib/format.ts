const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 87,320 */
export const formatCount = (count: number): string => whole.format(count);

/** The API counts no further. */
const MOST_COUNTED = 10_000;

/** 1,365; 10,000+ where it may be more. */
export const formatTotal = (total: number): string => `${whole.format(total)}${total >= MOST_COUNTED ? '+' : ''}`;

/** 87.3K */
export const formatCompact = (count: number): string => compact.format(count);

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** A span in its largest unit, rounded down: 3 s, 12 m, 5 h, 41 d. Before zero it is 0s. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units: 1.2 MB. */
export function formatBytes(bytes: number): string {
  const power = Math.min(SIZES.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${SIZES[power]}`;
}

/** `resolved_at_source` as people read it: Resolved at source. */
export function words(name: string): string {
  const said = name.replaceAll('_', ' ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}
