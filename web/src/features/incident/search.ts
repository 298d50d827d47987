/** The parts of an incident's page, in their order. */
export const TABS = ['overview', 'timeline', 'alerts', 'tasks', 'notes', 'observables', 'evidence', 'events'] as const;

export type TabKey = (typeof TABS)[number];

/** What of the page stands in the URL. */
export interface IncidentSearch {
  tab?: TabKey | undefined;
}

/** What of a URL's search is ours; the first tab needs no word. */
export function parseIncidentSearch(raw: Readonly<Record<string, unknown>>): IncidentSearch {
  const tab = TABS.find((one) => one === raw.tab);
  return { tab: tab === 'overview' ? undefined : tab };
}
