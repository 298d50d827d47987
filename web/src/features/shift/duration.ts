/** A duration in its two largest units: 42 s, 12 m, 3 h 20 m, 2 d 4 h. Below ten seconds with a tenth. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const units: readonly [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ];
  const at = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[at] ?? ['s', 1];
  const whole = Math.floor(seconds / size);
  const next = units[at + 1];
  const rest = next && Math.floor((seconds - whole * size) / next[1]);
  // Seconds beside minutes tell nobody anything.
  return rest && unit !== 'm' ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`;
}
