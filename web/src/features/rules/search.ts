/** Spans back from now, in milliseconds. */
const RANGES = { '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000, '90d': 7_776_000_000 } as const;

export type RangeName = keyof typeof RANGES;

/** What shapes the figures, as it stands in the URL; a relative range stays relative. */
export interface RulesSearch {
  range?: RangeName | undefined;
  organization?: string | undefined;
}

/** What of a URL's search is ours; anything else in it is left out. */
export const parseRules = (raw: Readonly<Record<string, unknown>>): RulesSearch => ({
  range: typeof raw.range === 'string' && raw.range in RANGES ? (raw.range as RangeName) : undefined,
  organization: typeof raw.organization === 'string' && raw.organization !== '' ? raw.organization : undefined,
});

/** From when until when it is now. Whole minutes, so that the same is not asked for twice. */
export function momentsOf(range: RangeName, now: number): { from: string; to: string } {
  const to = Math.floor(now / 60_000) * 60_000;
  return { from: new Date(to - RANGES[range]).toISOString(), to: new Date(to).toISOString() };
}
