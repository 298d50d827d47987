/** The job that is looked at. */
export interface JobSearch {
  open?: string | undefined;
}

/** What of a URL's search is ours. */
export const parseSearch = (raw: Readonly<Record<string, unknown>>): JobSearch => ({
  open: typeof raw.open === 'string' && raw.open !== '' ? raw.open : undefined,
});
