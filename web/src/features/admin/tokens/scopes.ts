import type { Permission } from '@/api/session';
import { words } from '@/lib/format';
import type { Choosable } from '@/ui/Choices';
import type { Token } from './queries';

/** The permissions as choices, those about one thing beside each other. */
export function scopesOf(permissions: readonly Permission[]): Choosable<Permission>[] {
  return [...permissions].sort().map((one) => ({ value: one, label: scopeLabel(one) }));
}

/** `incidents:break_glass` as people read it: Incidents: break glass. */
export function scopeLabel(scope: string): string {
  if (scope === '*') return 'Everything its maker may';
  const [noun = '', verb = ''] = scope.split(':');
  return `${words(noun)}: ${verb.replaceAll('_', ' ')}`;
}

export type TokenState = 'active' | 'expires soon' | 'expired' | 'revoked';

const SOON_MS = 14 * 86_400_000;

/** Whether a token still works, and for how long it will. */
export function stateOf(token: Pick<Token, 'revoked_at' | 'expires_at'>, now: number): TokenState {
  if (token.revoked_at) return 'revoked';
  const left = token.expires_at ? new Date(token.expires_at).getTime() - now : Number.POSITIVE_INFINITY;
  if (left <= 0) return 'expired';
  return left < SOON_MS ? 'expires soon' : 'active';
}
