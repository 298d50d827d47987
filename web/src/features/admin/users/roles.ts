import type { Member, Role } from './queries';

/** The roles there are, who may least first. */
export const ROLES: readonly (readonly [Role, string])[] = [
  ['viewer', 'Viewer'],
  ['analyst', 'Analyst'],
  ['lead', 'Lead'],
  ['operator', 'Operator'],
  ['admin', 'Admin'],
];

export const roleLabel = (role: Role): string => ROLES.find(([name]) => name === role)?.[1] ?? role;

/** True where nobody else of those listed administers the organization: the server would refuse to lose this one. */
export function isLastAdmin(member: Member, all: readonly Member[]): boolean {
  const admins = all.filter(
    (one) => one.organization_id === member.organization_id && one.role === 'admin' && !one.disabled_at,
  );
  return admins.length === 1 && admins[0]?.id === member.id;
}

/** Why somebody cannot be given another first password; undefined where they can. */
export function whyNoReset(member: Member, me: string): string | undefined {
  if (member.id === me) return 'You change your own password in the settings.';
  if (member.source === 'oidc') return 'They sign in with the identity provider.';
  return undefined;
}
