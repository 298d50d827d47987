import { Ban, CircleCheck, Ellipsis, KeyRound, Pencil, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { useMay, useSession } from '@/domain/session';
import { IconButton } from '@/ui/Button';
import { Menu } from '@/ui/Menu';
import { complain } from '@/ui/toast';
import { DisableDialog, RemoveDialog, ResetDialog } from './ConfirmUser';
import { useChangeUser } from './changes';
import { EditUserDialog } from './EditUserDialog';
import type { Member } from './queries';
import { whyNoReset } from './roles';

const LAST = 'Nobody else administers the organization.';

/** What can be done with somebody, for who may. */
export function UserActions({ member, lastAdmin }: { member: Member; lastAdmin: boolean }) {
  const [doing, setDoing] = useState<'edit' | 'disable' | 'reset' | 'remove' | null>(null);
  const { user } = useSession();
  const enabling = useChangeUser('Enabled');
  const leave = () => setDoing(null);
  if (!useMay('users:write', member.organization_id)) return null;
  const disabled = member.disabled_at !== null;
  return (
    <>
      <Menu
        trigger={
          <IconButton size="sm" label={`Actions for ${member.name}`} busy={enabling.isPending}>
            <Ellipsis size={14} aria-hidden="true" />
          </IconButton>
        }
        items={[
          { label: 'Change role or name…', icon: <Pencil size={13} />, onSelect: () => setDoing('edit') },
          {
            label: 'Reset sign-in…',
            icon: <KeyRound size={13} />,
            why: whyNoReset(member, user.id),
            onSelect: () => setDoing('reset'),
          },
          'line',
          disabled
            ? {
                label: 'Enable',
                icon: <CircleCheck size={13} />,
                onSelect: () =>
                  enabling.mutate(
                    { member, body: { disabled: false } },
                    {
                      onError: (error) =>
                        complain({ title: `Not enabled: ${member.name}`, description: asApiError(error).message }),
                    },
                  ),
              }
            : {
                label: 'Disable…',
                icon: <Ban size={13} />,
                why: lastAdmin ? LAST : undefined,
                onSelect: () => setDoing('disable'),
              },
          {
            label: 'Remove…',
            icon: <UserMinus size={13} />,
            tone: 'danger',
            why: lastAdmin ? LAST : undefined,
            onSelect: () => setDoing('remove'),
          },
        ]}
      />
      {doing === 'edit' && <EditUserDialog member={member} lastAdmin={lastAdmin} onLeave={leave} />}
      {doing === 'disable' && <DisableDialog member={member} onLeave={leave} />}
      {doing === 'reset' && <ResetDialog member={member} onLeave={leave} />}
      {doing === 'remove' && <RemoveDialog member={member} onLeave={leave} />}
    </>
  );
}
