import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { NewChannelDialog } from './ChannelDialog';
import { Channels } from './Channels';
import { Deliveries } from './Deliveries';
import { channelsQuery } from './queries';
import { NewRouteDialog } from './RouteDialog';
import { Routes } from './Routes';
import type { NotificationsSearch, TabKey } from './search';

const route = getRouteApi('/app/notifications');

/** Who is told of what, where, and whether it arrived. */
export default function NotificationsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('notifications:write');
  const channels = useQuery({ ...channelsQuery, enabled: writes });
  const [creating, setCreating] = useState<'route' | 'channel' | null>(null);
  const { tab: asked = 'routes' } = search;
  // Channels are for who looks after them.
  const tab: TabKey = asked === 'channels' && !writes ? 'routes' : asked;
  const change = (patch: Partial<NotificationsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...patch }) });
  const leave = () => setCreating(null);
  return (
    <Page
      title="Notifications"
      actions={
        <>
          {writes && <Button onClick={() => setCreating('channel')}>Create channel…</Button>}
          <Button variant="primary" onClick={() => setCreating('route')}>
            <Plus size={14} aria-hidden="true" />
            Create route…
          </Button>
        </>
      }
    >
      <Tabs<TabKey>
        of="page"
        label="Notifications"
        value={tab}
        tabs={[
          { key: 'routes', label: 'Routes' },
          ...(writes ? [{ key: 'channels' as const, label: 'Channels' }] : []),
          { key: 'told', label: writes ? 'Deliveries' : 'What I was told' },
        ]}
        onChange={(key) => void navigate({ search: { tab: key === 'routes' ? undefined : key } })}
      >
        {tab === 'routes' && <Routes onCreate={() => setCreating('route')} />}
        {tab === 'channels' && <Channels onCreate={() => setCreating('channel')} />}
        {tab === 'told' && <Deliveries search={search} onChange={change} />}
      </Tabs>

      {creating === 'route' && <NewRouteDialog channels={channels.data ?? []} onLeave={leave} />}
      {creating === 'channel' && <NewChannelDialog onLeave={leave} />}
    </Page>
  );
}
