const TABS = ['overview', 'connect', 'keys', 'bench', 'settings'] as const;
export type SensorTab = (typeof TABS)[number];

/** The part of a sensor's page that is shown, and how many minutes its figures are of. */
export interface SensorSearch {
  tab?: SensorTab | undefined;
  minutes?: number | undefined;
}

/** What of a URL's search is ours; the first of the parts needs no word. */
export function parseSearch(raw: Readonly<Record<string, unknown>>): SensorSearch {
  const minutes = SPANS.find(([value]) => value === raw.minutes)?.[0];
  return {
    tab: TABS.find((one) => one === raw.tab && one !== 'overview'),
    minutes: minutes === DEFAULT_SPAN ? undefined : minutes,
  };
}

/** Longer spans than a day have no minutes. */
export const SPANS = [
  [60, 'Last hour'],
  [360, 'Last 6 hours'],
  [1440, 'Last 24 hours'],
] as const;

export const DEFAULT_SPAN = 60;
