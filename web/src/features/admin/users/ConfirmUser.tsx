import { Refused } from '@/domain/dialogs/Refused';
import { useSession } from '@/domain/session';
import { ConfirmDialog, NoticeDialog } from '@/ui/Dialog';
import { FirstPassword } from './AddUserDialog';
import { useChangeUser, useRemoveUser, useResetUser } from './changes';
import type { Member } from './queries';

interface Props {
  member: Member;
  onLeave: () => void;
}

const organizationOf = (member: Member, memberships: ReturnType<typeof useSession>['memberships']) =>
  memberships.find((one) => one.organization_id === member.organization_id)?.organization ?? 'the organization';

/** Keep somebody out, with all that is theirs. */
export function DisableDialog({ member, onLeave }: Props) {
  const disabling = useChangeUser('Disabled');
  return (
    <ConfirmDialog
      title={`Disable ${member.name}`}
      verb="Disable"
      busy={disabling.isPending}
      onConfirm={() => disabling.mutate({ member, body: { disabled: true } }, { onSuccess: onLeave })}
      onLeave={onLeave}
    >
      <p>
        All sessions of {member.email} end at once, and nobody signs in with this account until it is enabled again, in
        any organization. What they did, and the alerts and incidents they hold, stay theirs.
      </p>
      <Refused error={disabling.error} />
    </ConfirmDialog>
  );
}

/** Take somebody out of one organization. */
export function RemoveDialog({ member, onLeave }: Props) {
  const removing = useRemoveUser();
  const organization = organizationOf(member, useSession().memberships);
  return (
    <ConfirmDialog
      title={`Remove ${member.name} from ${organization}`}
      verb="Remove"
      busy={removing.isPending}
      onConfirm={() => removing.mutate(member, { onSuccess: onLeave })}
      onLeave={onLeave}
    >
      <p>
        {member.email} sees nothing of {organization} from then on. What they did stays under their name, and so do the
        alerts and incidents they hold: give these to somebody else.
      </p>
      <Refused error={removing.error} />
    </ConfirmDialog>
  );
}

/** Another first password for who lost theirs, or the telephone. */
export function ResetDialog({ member, onLeave }: Props) {
  const resetting = useResetUser();
  if (resetting.data)
    return (
      <NoticeDialog once title={`Reset: ${member.name}`} description={member.email} onLeave={onLeave}>
        <FirstPassword password={resetting.data.password} />
      </NoticeDialog>
    );
  return (
    <ConfirmDialog
      title={`Reset the sign-in of ${member.name}`}
      verb="Reset"
      busy={resetting.isPending}
      onConfirm={() => resetting.mutate(member)}
      onLeave={onLeave}
    >
      <p>
        {member.email} gets another first password, which is shown to you. The password before it no longer works, the
        authenticator app is off, and all their sessions and API tokens end.
      </p>
      <Refused error={resetting.error} />
    </ConfirmDialog>
  );
}
