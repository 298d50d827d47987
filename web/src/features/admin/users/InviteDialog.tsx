import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { Time } from '@/domain/Time';
import { Banner } from '@/ui/Banner';
import { Code } from '@/ui/Code';
import { NoticeDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { KeyValue } from '@/ui/KeyValue';
import { Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { useInvite } from './changes';
import type { Invitation, Role } from './queries';
import { ROLES, roleLabel } from './roles';

interface Props {
  /** Who is asked, and as what: those of an invitation whose code is made anew. */
  given?: Partial<Pick<Invitation, 'email' | 'role' | 'organization_id'>>;
  onLeave: () => void;
}

/** Ask in who has an account already: nobody is made a member unasked. */
export function InviteDialog({ given = {}, onLeave }: Props) {
  const inviting = useInvite();
  const first = useOrganizations('users:write')[0]?.organization_id ?? '';
  const [home, setHome] = useState(given.organization_id ?? first);
  const [email, setEmail] = useState(given.email ?? '');
  const [role, setRole] = useState<Role>(given.role ?? 'analyst');
  const again = given.role !== undefined;
  if (inviting.data) return <Invited invitation={inviting.data} code={inviting.data.code} onLeave={onLeave} />;
  const refused = inviting.error && asApiError(inviting.error);
  return (
    <FormDialog
      title={again ? 'Make a new code' : 'Invite'}
      description={
        again
          ? 'The code before it is void from then on.'
          : 'For somebody who has an account already. Who has none yet is added as a user.'
      }
      verb={again ? 'Make a new code' : 'Invite'}
      busy={inviting.isPending}
      error={inviting.error}
      shown={['email']}
      ready={email.trim() !== ''}
      onSubmit={() => inviting.mutate({ email: email.trim(), role, organization_id: home })}
      onLeave={onLeave}
    >
      <OrganizationField permission="users:write" value={home} onChange={setHome} />
      <TextField
        label="E-mail address"
        type="email"
        required
        autoFocus
        readOnly={again}
        maxLength={254}
        autoComplete="off"
        value={email}
        error={refused?.fields.get('email')}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Select label="Role" value={role} options={ROLES} onChange={(event) => setRole(event.target.value as Role)} />
    </FormDialog>
  );
}

function Invited({ invitation, code, onLeave }: { invitation: Invitation; code: string; onLeave: () => void }) {
  return (
    <NoticeDialog once title={`Invited: ${invitation.email}`} onLeave={onLeave}>
      <Banner tone="warning">
        This is shown once, and no mail is sent. Hand it to the person, and not to whoever made their account.
      </Banner>
      <Shown
        label="Link to accept it"
        text={`${window.location.origin}${PATHS.invitation}#${encodeURIComponent(code)}`}
      />
      <Shown label="The code alone" text={code} />
      <KeyValue
        facts={[
          ['Role', roleLabel(invitation.role)],
          ['Good until', <Time key="until" at={invitation.expires_at} />],
        ]}
      />
    </NoticeDialog>
  );
}

function Shown({ label, text }: { label: string; text: string }) {
  return (
    <Stack gap="sm">
      <p className="u-subtle">{label}</p>
      <Code label={label} text={text} />
    </Stack>
  );
}
