import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { Reply } from '@/domain/Reply';
import { sensorQuery } from '@/domain/sensors';
import { useMay } from '@/domain/session';
import { useRefresh } from '@/domain/useRefresh';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Page, Section } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { complain, say } from '@/ui/toast';
import { Bench } from './Bench';
import { Connect } from './Connect';
import { HealthTag } from './Health';
import { Keys } from './Keys';
import { Overview } from './Overview';
import type { SensorDetail } from './queries';
import { Settings } from './Settings';
import { DEFAULT_SPAN, type SensorSearch, type SensorTab } from './search';
import { useUpdate } from './update';
import { useHealth } from './useHealth';

const route = getRouteApi('/app/sensors/$sensorId');

const TABS: readonly { key: SensorTab; label: string }[] = [
  { key: 'overview', label: 'Overview' },
  { key: 'connect', label: 'Connect' },
  { key: 'keys', label: 'Keys' },
  { key: 'bench', label: 'Test bench' },
  { key: 'settings', label: 'Settings' },
];

/** One sensor: how it is, how it is connected, how its records are read. */
export default function SensorPage() {
  const { sensorId } = route.useParams();
  const { tab = 'overview', minutes = DEFAULT_SPAN } = route.useSearch();
  const navigate = route.useNavigate();
  const sensor = useQuery({ ...sensorQuery(sensorId), refetchInterval: 30_000 });
  useRefresh('sensor', [['sensors']], { id: sensorId });
  const change = (patch: SensorSearch) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true });
  return (
    <Page
      title={sensor.data?.name ?? 'Sensor'}
      beside={sensor.data && <State sensor={sensor.data} />}
      actions={sensor.data && <Power sensor={sensor.data} />}
    >
      <Reply of={sensor}>
        {(found) => (
          <Tabs of="page" label="Parts of the sensor" tabs={TABS} value={tab} onChange={(key) => change({ tab: key })}>
            {tab === 'overview' && (
              <Overview sensor={found} minutes={minutes} onMinutes={(span) => change({ minutes: span })} />
            )}
            {tab === 'connect' && (
              <Section title="How it sends">
                <Connect sensor={found} />
              </Section>
            )}
            {tab === 'keys' && <Keys sensor={found} />}
            {tab === 'bench' && <Bench sensor={found} />}
            {tab === 'settings' && <Settings key={found.id} sensor={found} />}
          </Tabs>
        )}
      </Reply>
    </Page>
  );
}

function State({ sensor }: { sensor: SensorDetail }) {
  return <HealthTag health={useHealth(sensor)} />;
}

function Power({ sensor }: { sensor: SensorDetail }) {
  const mayChange = useMay('sensors:write', sensor.organization_id);
  const [asking, setAsking] = useState(false);
  const updating = useUpdate(sensor);
  const active = sensor.status === 'active';
  if (!mayChange) return null;
  function turn() {
    updating.mutate(
      { update: { status: active ? 'disabled' : 'active' }, revision: sensor.revision },
      {
        onSuccess: (after) => say({ title: `${after.status === 'active' ? 'Enabled' : 'Disabled'}: ${after.name}` }),
        onError: (error) => complain({ title: `Not changed: ${sensor.name}`, description: asApiError(error).message }),
        onSettled: () => setAsking(false),
      },
    );
  }
  return (
    <>
      <Button
        variant={active ? 'danger' : 'primary'}
        busy={updating.isPending}
        onClick={active ? () => setAsking(true) : turn}
      >
        {active ? 'Disable' : 'Enable'}
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Disable ${sensor.name}`}
          verb="Disable sensor"
          busy={updating.isPending}
          onConfirm={turn}
          onLeave={() => setAsking(false)}
        >
          Whatever it sends is refused within seconds, with any of its keys. What is stored stays. It can be enabled
          again.
        </ConfirmDialog>
      )}
    </>
  );
}
