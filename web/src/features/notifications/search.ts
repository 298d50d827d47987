import { KINDS, type Kind, STATUSES, type Status } from './kinds';

export type TabKey = 'routes' | 'channels' | 'told';

export interface NotificationsSearch {
  tab?: Exclude<TabKey, 'routes'> | undefined;
  status?: Status | undefined;
  kind?: Kind | undefined;
}

const oneOf = <V extends string>(value: unknown, values: readonly V[]): V | undefined =>
  values.find((one) => one === value);

/** What of a URL's search is ours; anything else in it is left out. */
export const parseNotifications = (raw: { [Name in keyof NotificationsSearch]?: unknown }): NotificationsSearch => ({
  tab: oneOf(raw.tab, ['channels', 'told']),
  status: oneOf(raw.status, STATUSES),
  kind: oneOf(
    raw.kind,
    KINDS.map(([kind]) => kind),
  ),
});
