/** What shapes the list, as it stands in the URL. */
export interface SuppressionsSearch {
  /** Those that have ended, in place of the others. */
  ended?: true | undefined;
}

/** What of a URL's search is ours; anything else in it is left out. */
export const parseSuppressions = (raw: Readonly<Record<string, unknown>>): SuppressionsSearch => ({
  ended: raw.ended === true ? true : undefined,
});

/** What a new one begins with, where a link leads to it. */
export interface SuppressionSearch {
  query?: string | undefined;
  name?: string | undefined;
}

const MAX_QUERY = 4096;
const MAX_NAME = 200;

/** What of a URL's search is ours; anything else in it is left out. */
export const parseSuppression = (raw: Readonly<Record<string, unknown>>): SuppressionSearch => ({
  query: text(raw.query, MAX_QUERY),
  name: text(raw.name, MAX_NAME),
});

const text = (value: unknown, most: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, most) : undefined;
