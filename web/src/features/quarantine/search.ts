const STATUSES = ['open', 'redriven', 'discarded'] as const;
export type Status = (typeof STATUSES)[number];

/** What shapes the list of quarantined records, as it stands in the URL. */
export interface QuarantineSearch {
  /** Those that wait, where nothing is said. */
  status?: Status | undefined;
  reason?: string | undefined;
  sensor?: string | undefined;
  /** Only what somebody asked for and is not done yet. */
  requested?: 'redrive' | 'discard' | undefined;
  /** The record that is looked at. */
  open?: string | undefined;
}

/** What of a URL's search is ours. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): QuarantineSearch {
  return {
    status: STATUSES.find((one) => one === raw.status && one !== 'open'),
    reason: text(raw.reason),
    sensor: text(raw.sensor),
    requested: raw.requested === 'redrive' || raw.requested === 'discard' ? raw.requested : undefined,
    open: text(raw.open),
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
