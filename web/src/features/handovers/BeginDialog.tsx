import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { usePeopleOf } from '@/domain/people';
import { useSession } from '@/domain/session';
import { useLook } from '@/lib/look';
import { formatDay } from '@/lib/zone';
import { Combobox } from '@/ui/Combobox';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { begin } from './queries';

/** Begins a handover: how things stand at this moment is kept with it. */
export function BeginDialog({ onLeave }: { onLeave: () => void }) {
  const { user, memberships } = useSession();
  const { zone } = useLook();
  const where = memberships.filter((one) => one.permissions.includes('incidents:write'));
  const [organizationId, setOrganizationId] = useState(where[0]?.organization_id ?? '');
  const [incomingId, setIncomingId] = useState<string | null>(null);
  const people = usePeopleOf(organizationId).filter((one) => one.value !== user.id);
  const navigate = useNavigate();
  const client = useQueryClient();
  const beginning = useMutation({
    mutationFn: begin,
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['handovers', 'list'] });
      await navigate({ to: PATHS.handover, params: { handoverId: id } });
    },
  });
  return (
    <FormDialog
      title="Hand over a shift"
      description="How things stand now is kept with it, and never changes."
      verb="Begin"
      busy={beginning.isPending}
      error={beginning.error}
      shown={['shift']}
      onSubmit={(form) =>
        beginning.mutate({
          organization_id: organizationId,
          shift: given(form, 'shift'),
          notes: '',
          incoming_id: incomingId,
        })
      }
      onLeave={onLeave}
    >
      {where.length > 1 && (
        <Select
          label="Organization"
          value={organizationId}
          options={where.map((one) => [one.organization_id, one.organization])}
          onChange={(event) => {
            setOrganizationId(event.target.value);
            setIncomingId(null);
          }}
        />
      )}
      <TextField
        label="Shift"
        name="shift"
        defaultValue={`Shift of ${formatDay(Date.now(), zone)}`}
        maxLength={200}
        required
        autoFocus
        error={beginning.error ? asApiError(beginning.error).fields.get('shift') : undefined}
      />
      <Combobox
        label="Who takes over"
        choices={people}
        value={incomingId}
        onChange={setIncomingId}
        placeholder="May be said later"
      />
    </FormDialog>
  );
}
