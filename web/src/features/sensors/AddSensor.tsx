import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { PATHS } from '@/app/paths';
import { FORMAT_CHOICES, formatOf } from '@/domain/formats';
import { useSession } from '@/domain/session';
import { useLook } from '@/lib/look';
import { ianaOf } from '@/lib/zone';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { Connect } from './Connect';
import type { SensorCreated } from './queries';
import s from './Sensors.module.css';

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
    <Dialog title={`Connect ${created.name}`} size="lg" onLeave={leave}>
      <Connect sensor={created} secret={created.key.key} />
      <DialogActions>
        <Button onClick={leave}>Go to the sensor</Button>
      </DialogActions>
    </Dialog>
  );
}

function AddForm({ onLeave, onDone }: { onLeave: () => void; onDone: (created: SensorCreated) => void }) {
  const client = useQueryClient();
  const { memberships } = useSession();
  const { zone } = useLook();
  const homes = memberships.filter((one) => one.permissions.includes('sensors:write'));
  const adding = useMutation({
    mutationFn: (given: FormData) =>
      read(
        api.POST('/api/v1/sensors', {
          body: {
            name: String(given.get('name')).trim(),
            format: formatOf(String(given.get('format'))),
            zone: String(given.get('zone')).trim() || 'UTC',
            ...(homes.length > 1 && { organization_id: String(given.get('organization')) }),
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
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    adding.mutate(new FormData(event.currentTarget));
  }
  return (
    <form className={s.form} onSubmit={submit}>
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
      {refused && !taken && refused.fields.size === 0 && <Banner tone="danger">{refused.message}</Banner>}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button type="submit" variant="primary" busy={adding.isPending}>
          Add sensor
        </Button>
      </DialogActions>
    </form>
  );
}
