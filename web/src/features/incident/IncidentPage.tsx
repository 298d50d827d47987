import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { asApiError } from '@/api/problem';
import { ErrorState } from '@/domain/ErrorState';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { useRefresh } from '@/domain/useRefresh';
import { later } from '@/lib/later';
import { Coming } from '@/ui/Coming';
import { Columns, Page } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { Hidden } from './Hidden';
import { type Asked, HereContext } from './here';
import { Actions } from './parts/Actions';
import { Banners } from './parts/Banners';
import { Clocks } from './parts/Clocks';
import { EditableTitle } from './parts/EditableTitle';
import { Facts } from './parts/Facts';
import { UploadsGuard } from './parts/UploadsGuard';
import { type Incident, incidentKey, incidentQuery } from './queries';
import type { TabKey } from './search';
import { Side } from './side/Side';
import { IncidentTabs } from './tabs/IncidentTabs';
import { useUploads } from './uploads';

const Dialogs = later(() => import('./dialogs/Dialogs'), 'Dialogs');
const route = getRouteApi('/app/incidents/$incidentId');
/** Clocks go on though nobody changes anything. */
const ANEW_MS = 60_000;

/** One incident: what it is, what was found out, what is to be done, and how it ends. */
export default function IncidentPage() {
  const { incidentId } = route.useParams();
  const found = useQuery({ ...incidentQuery(incidentId), refetchInterval: ANEW_MS });
  useRefresh('incident', [incidentKey(incidentId)], { id: incidentId });
  if (found.data && !(found.isError && asApiError(found.error).status === 404))
    return <Shown key={incidentId} incident={found.data} />;
  if (!found.isError)
    return (
      <Page title="Incident">
        <Skeleton lines={8} />
      </Page>
    );
  if (asApiError(found.error).status === 404) return <Hidden />;
  return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
}

function Shown({ incident }: { incident: Incident }) {
  const navigate = route.useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const uploads = useUploads(incident.id);
  const [writing, setWriting] = useState<TabKey | null>(null);
  const here = {
    incident,
    writing,
    uploads,
    open: setAsked,
    begun: () => setWriting(null),
    show: (tab: TabKey, write = false) => {
      void navigate({ search: { tab } });
      if (write) setWriting(tab);
    },
  };
  return (
    <HereContext value={here}>
      <Page
        title={<EditableTitle />}
        beside={
          <>
            <span className="u-subtle">#{incident.number}</span>
            <LiveIndicator />
          </>
        }
        actions={<Actions />}
      >
        <Banners />
        <Facts />
        <Clocks clocks={incident.clocks} />
        <Columns kind="main">
          <IncidentTabs />
          <Side />
        </Columns>
      </Page>
      <UploadsGuard uploads={uploads} />
      <Suspense fallback={<Coming />}>{asked && <Dialogs asked={asked} onLeave={() => setAsked(null)} />}</Suspense>
    </HereContext>
  );
}
