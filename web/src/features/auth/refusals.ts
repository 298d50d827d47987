/** What the identity provider's way back says in its `error`: what is wrong, and who can mend it. */
const OIDC: Readonly<Record<string, string>> = {
  oidc_off: 'No identity provider is set up here.',
  oidc_unavailable: 'The identity provider does not answer. Try again, or tell who runs EventSec.',
  oidc_declined: 'The identity provider said no, or you did.',
  oidc_state: 'That attempt was begun elsewhere, or took longer than ten minutes. Begin again.',
  oidc_invalid: 'What the identity provider said does not hold. Tell who runs EventSec.',
  oidc_email_unverified: 'The identity provider has not proven your e-mail address.',
  oidc_email_taken: 'Your e-mail address belongs to another account here. Ask an administrator.',
  oidc_unknown_user: 'Nobody has added you to EventSec yet. Ask an administrator.',
  oidc_no_role: 'None of your groups has a role here. Ask an administrator.',
  oidc_disabled: 'Your account is disabled. Ask an administrator.',
  oidc_try_again: 'Two sign-ins crossed each other. Try again.',
  oidc_no_logout: 'You are signed out here, and still signed in with your identity provider.',
  too_many_logins: 'Too many sign-ins have failed from here. Wait a while, then try again.',
};

/** The words for a refusal by its code. */
export const refusal = (code: string): string => OIDC[code] ?? 'Signing in with the identity provider failed.';
