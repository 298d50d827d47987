import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import { NoticeDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { useAddUser } from './changes';
import type { Role } from './queries';
import { ROLES } from './roles';

interface Props {
  /** Instead, for an address that has an account already. */
  onInvite: (email: string) => void;
  onLeave: () => void;
}

/** Somebody new, who gets a first password from whoever adds them. */
export function AddUserDialog({ onInvite, onLeave }: Props) {
  const adding = useAddUser();
  const [home, setHome] = useState(useOrganizations('users:write')[0]?.organization_id ?? '');
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  if (adding.data) return <Added {...adding.data} onLeave={onLeave} />;
  const refused = adding.error && asApiError(adding.error);
  return (
    <FormDialog
      title="Add user"
      description="They get a first password, which you hand to them."
      verb="Add user"
      busy={adding.isPending}
      error={adding.error}
      shown={['email', 'name']}
      ready={email.trim() !== '' && name.trim() !== ''}
      other={
        refused?.code === 'belongs_elsewhere' && <Button onClick={() => onInvite(email.trim())}>Invite instead…</Button>
      }
      onSubmit={() => adding.mutate({ email: email.trim(), name: name.trim(), role, organization_id: home })}
      onLeave={onLeave}
    >
      <OrganizationField permission="users:write" value={home} onChange={setHome} />
      <TextField
        label="E-mail address"
        type="email"
        required
        autoFocus
        maxLength={254}
        autoComplete="off"
        value={email}
        error={refused?.fields.get('email')}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label="Name"
        required
        maxLength={200}
        autoComplete="off"
        value={name}
        error={refused?.fields.get('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <Select label="Role" value={role} options={ROLES} onChange={(event) => setRole(event.target.value as Role)} />
    </FormDialog>
  );
}

function Added({
  name,
  email,
  password,
  onLeave,
}: {
  name: string;
  email: string;
  password: string | null;
  onLeave: () => void;
}) {
  return (
    <NoticeDialog once title={`Added: ${name}`} description={email} onLeave={onLeave}>
      {password === null ? (
        <Banner tone="success">They have a password already, and keep it.</Banner>
      ) : (
        <FirstPassword password={password} />
      )}
    </NoticeDialog>
  );
}

/** A first password, as it is shown this once. */
export function FirstPassword({ password }: { password: string }) {
  return (
    <>
      <Banner tone="warning">This is shown once. It has to be changed at the first sign-in, within a week.</Banner>
      <Code label="First password" text={password} />
    </>
  );
}
