/** The spans over which times and volume are told. */
export const SPANS = [7, 30, 90] as const;

type Span = (typeof SPANS)[number];

/** What shapes the page: over how many days times and volume are told, where it is not thirty. */
export interface ShiftSearch {
  days?: Span | undefined;
}

/** What of a URL's search is ours. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): ShiftSearch {
  const days = SPANS.find((span) => span === Number(raw.days));
  return { days: days === 30 ? undefined : days };
}
