import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { useChangeUser } from './changes';
import type { Member, Role } from './queries';
import { ROLES } from './roles';

interface Props {
  member: Member;
  /** Their role cannot be another: nobody else administers the organization. */
  lastAdmin: boolean;
  onLeave: () => void;
}

/** What somebody is called, and what they are in the organization. */
export function EditUserDialog({ member, lastAdmin, onLeave }: Props) {
  const changing = useChangeUser('Changed');
  const [name, setName] = useState(member.name);
  const [role, setRole] = useState<Role>(member.role);
  const renamed = name.trim() !== member.name;
  const moved = role !== member.role;
  const refused = changing.error && asApiError(changing.error);
  return (
    <FormDialog
      title="Change user"
      description={member.email}
      verb="Save"
      busy={changing.isPending}
      error={changing.error}
      shown={['name']}
      ready={name.trim() !== '' && (renamed || moved)}
      onSubmit={() => {
        const body = { ...(renamed && { name: name.trim() }), ...(moved && { role }) };
        changing.mutate({ member, body }, { onSuccess: onLeave });
      }}
      onLeave={onLeave}
    >
      <TextField
        label="Name"
        required
        autoFocus
        maxLength={200}
        value={name}
        error={refused?.fields.get('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        label="Role"
        value={role}
        options={ROLES}
        disabled={lastAdmin}
        help={
          lastAdmin
            ? 'Nobody else administers the organization. Make somebody else an admin first.'
            : member.source === 'oidc' &&
              'It came from the provider’s groups. Changed by hand, it follows them no longer.'
        }
        onChange={(event) => setRole(event.target.value as Role)}
      />
    </FormDialog>
  );
}
