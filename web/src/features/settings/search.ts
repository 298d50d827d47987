/** The parts of the page. */
const TABS = ['profile', 'security', 'preferences'] as const;

export type SettingsTab = (typeof TABS)[number];

/** What shapes the page: which part is open, where it is not the first. */
export interface SettingsSearch {
  tab?: SettingsTab | undefined;
}

/** What of a URL's search is ours. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): SettingsSearch {
  const tab = TABS.find((one) => one === raw.tab);
  return { tab: tab === 'profile' ? undefined : tab };
}
