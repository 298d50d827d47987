import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { DialogForm, given } from '@/domain/dialogs/FormDialog';
import { FORMAT_CHOICES, formatOf } from '@/domain/formats';
import { useOrganizations } from '@/domain/OrganizationField';
import { useLook } from '@/lib/look';
import { ianaOf } from '@/lib/zone';
import { Dialog, NoticeDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { Connect } from './Connect';
import type { SensorCreated } from './queries';

/** From a name to the first event, without leaving the dialog. */
export function AddSensor({ onLeave }: { onLeave: () => void }) {
  const navigate = useNavigate();
  const [created, setCreated] = useState<SensorCreated | null>(null);
  if (created === null)
    return (
      <Dialog
        title="Add sensor"
        description="Something that sends records: an IDS, an agent’s manager, a log shipper."
        onLeave={onLeave}
      >
        <AddForm onLeave={onLeave} onDone={setCreated} />
      </Dialog>
    );
  const leave = () => {
    onLeave();
    void navigate({ to: PATHS.sensor, params: { sensorId: created.id } });
  };
  return (
    <NoticeDialog once done="Go to the sensor" title={`Connect ${created.name}`} size="lg" onLeave={leave}>
      <Connect sensor={created} secret={created.key.key} />
    </NoticeDialog>
  );
}

function AddForm({ onLeave, onDone }: { onLeave: () => void; onDone: (created: SensorCreated) => void }) {
  const client = useQueryClient();
  const { zone } = useLook();
  const homes = useOrganizations('sensors:write');
  const adding = useMutation({
    mutationFn: (form: FormData) =>
      read(
        api.POST('/api/v1/sensors', {
          body: {
            name: given(form, 'name'),
            format: formatOf(given(form, 'format')),
            zone: given(form, 'zone') || 'UTC',
            ...(homes.length > 1 && { organization_id: given(form, 'organization') }),
          },
        }),
      ),
    onSuccess: (created) => {
      void client.invalidateQueries({ queryKey: ['sensors', 'list'] });
      onDone(created);
    },
  });
  const refused = adding.error ? asApiError(adding.error) : undefined;
  const taken = refused?.code === 'sensor_name_taken' ? refused.message : undefined;
  return (
    <DialogForm
      verb="Add sensor"
      busy={adding.isPending}
      error={taken ? undefined : adding.error}
      shown={['name', 'zone']}
      onSubmit={adding.mutate}
      onLeave={onLeave}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={200}
        autoFocus
        placeholder="ids-frankfurt-1"
        error={taken ?? refused?.fields.get('name')}
      />
      <Select
        label="What it sends"
        name="format"
        options={FORMAT_CHOICES}
        help="Naming it makes errors clearer. It can be changed at any time."
      />
      <TextField
        label="Zone of times that name none"
        name="zone"
        defaultValue={ianaOf(zone)}
        help="An IANA name, such as Europe/Vienna."
        error={refused?.fields.get('zone')}
      />
      {homes.length > 1 && (
        <Select
          label="Organization"
          name="organization"
          options={homes.map((one) => [one.organization_id, one.organization])}
        />
      )}
    </DialogForm>
  );
}
