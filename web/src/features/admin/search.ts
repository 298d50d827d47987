const oneOf = <V extends string>(value: unknown, values: readonly V[]): V | undefined =>
  values.find((one) => one === value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const moment = (value: unknown): string | undefined =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined;

export type Raw<S> = { [Name in keyof S]?: unknown };

export interface UsersSearch {
  tab?: 'invitations' | undefined;
}

export const parseUsers = (raw: Raw<UsersSearch>): UsersSearch => ({ tab: oneOf(raw.tab, ['invitations']) });

export interface OrganizationSearch {
  tab?: 'reasons' | undefined;
  organization?: string | undefined;
}

export const parseOrganization = (raw: Raw<OrganizationSearch>): OrganizationSearch => ({
  tab: oneOf(raw.tab, ['reasons']),
  organization: text(raw.organization),
});

export interface TemplatesSearch {
  retired?: true | undefined;
  /** The template that is written, or `new`. */
  open?: string | undefined;
}

export const parseTemplates = (raw: Raw<TemplatesSearch>): TemplatesSearch => ({
  retired: raw.retired === true ? true : undefined,
  open: text(raw.open),
});

export interface AuditSearch {
  who?: string | undefined;
  action?: string | undefined;
  object?: string | undefined;
  /** ISO moments. */
  from?: string | undefined;
  to?: string | undefined;
  /** The entry that is read. */
  open?: string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const uuid = (value: unknown): string | undefined =>
  typeof value === 'string' && UUID.test(value) ? value : undefined;

export const isId = (value: string): boolean => UUID.test(value);

export const parseAudit = (raw: Raw<AuditSearch>): AuditSearch => ({
  who: uuid(raw.who),
  action: text(raw.action)?.slice(0, 256),
  object: uuid(raw.object),
  from: moment(raw.from),
  to: moment(raw.to),
  open: uuid(raw.open),
});
