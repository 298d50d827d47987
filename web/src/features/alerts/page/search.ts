/** What shapes an alert's page, as it stands in the URL. */
export interface AlertPageSearch {
  /** The entity whose other alerts are shown, as `host:web01`. */
  entity?: string | undefined;
  /** How far around it they are looked for. */
  span?: Span | undefined;
  /** The event that is open. */
  event?: string | undefined;
}

/** How far around an alert others are looked for, in milliseconds. */
export const SPANS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;

export type Span = keyof typeof SPANS;

/** What of a URL's search is ours; anything else in it is left out. */
export function parseAlertPage(raw: Readonly<Record<string, unknown>>): AlertPageSearch {
  return { entity: text(raw.entity), span: isSpan(raw.span) ? raw.span : undefined, event: text(raw.event) };
}

const isSpan = (value: unknown): value is Span => typeof value === 'string' && value in SPANS;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
