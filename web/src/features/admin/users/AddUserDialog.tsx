import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Stack } from '@/ui/Page';
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
  function submit(event: FormEvent) {
    event.preventDefault();
    adding.mutate({ email: email.trim(), name: name.trim(), role, organization_id: home });
  }
  if (adding.data) return <Added {...adding.data} onLeave={onLeave} />;
  const refused = adding.error && asApiError(adding.error);
  return (
    <Dialog title="Add user" description="They get a first password, which you hand to them." onLeave={onLeave}>
      <form onSubmit={submit}>
        <Stack>
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
          <Refused error={refused} shown={['email', 'name']} />
          <DialogActions>
            <Button onClick={onLeave}>Cancel</Button>
            {refused?.code === 'belongs_elsewhere' && (
              <Button onClick={() => onInvite(email.trim())}>Invite instead…</Button>
            )}
            <Button type="submit" variant="primary" busy={adding.isPending} disabled={!email.trim() || !name.trim()}>
              Add user
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
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
    <Dialog title={`Added: ${name}`} description={email} onLeave={onLeave}>
      {password === null ? (
        <Banner tone="success">They have a password already, and keep it.</Banner>
      ) : (
        <FirstPassword password={password} />
      )}
      <DialogActions>
        <Button variant="primary" onClick={onLeave}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
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
