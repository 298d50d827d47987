import { getRouteApi } from '@tanstack/react-router';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { AddUserDialog } from './users/AddUserDialog';
import { Invitations } from './users/Invitations';
import { InviteDialog } from './users/InviteDialog';
import { People } from './users/People';

const route = getRouteApi('/app/admin/users');

type Adding = { how: 'add' } | { how: 'invite'; email?: string };

/** Who belongs to the organization, and as what. */
export default function UsersPage() {
  const { tab = 'people' } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('users:write');
  const [adding, setAdding] = useState<Adding | null>(null);
  const leave = () => setAdding(null);
  return (
    <Page
      title="Users"
      actions={
        writes && (
          <>
            <Button onClick={() => setAdding({ how: 'invite' })}>Invite…</Button>
            <Button variant="primary" onClick={() => setAdding({ how: 'add' })}>
              <UserPlus size={14} aria-hidden="true" />
              Add user…
            </Button>
          </>
        )
      }
    >
      {writes ? (
        <Tabs
          of="page"
          label="Users"
          value={tab}
          tabs={[
            { key: 'people', label: 'People' },
            { key: 'invitations', label: 'Invitations' },
          ]}
          onChange={(key) => void navigate({ search: { tab: key === 'invitations' ? key : undefined } })}
        >
          {tab === 'invitations' ? <Invitations /> : <People />}
        </Tabs>
      ) : (
        <People />
      )}
      {adding?.how === 'add' && (
        <AddUserDialog onInvite={(email) => setAdding({ how: 'invite', email })} onLeave={leave} />
      )}
      {adding?.how === 'invite' && <InviteDialog given={adding.email ? { email: adding.email } : {}} onLeave={leave} />}
    </Page>
  );
}
