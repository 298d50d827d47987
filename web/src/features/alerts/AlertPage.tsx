import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { Suspense, useState } from 'react';
import { asApiError } from '@/api/problem';
import { ErrorState } from '@/domain/ErrorState';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import { useMay, useSession } from '@/domain/session';
import { useRefresh } from '@/domain/useRefresh';
import { useHotkeys } from '@/lib/hotkeys';
import { later } from '@/lib/later';
import { Banner } from '@/ui/Banner';
import { Coming } from '@/ui/Coming';
import { Columns, Page, Stack } from '@/ui/Page';
import s from './AlertPage.module.css';
import { ActionBar } from './page/ActionBar';
import { Around } from './page/Around';
import { Details } from './page/Details';
import { Events } from './page/Events';
import { Facts } from './page/Facts';
import { Folds } from './page/Folds';
import { History } from './page/History';
import { Notes } from './page/Notes';
import { Observables } from './page/Observables';
import { type Asked, type Doing, offersOf } from './page/offers';
import type { AlertPageSearch } from './page/search';
import { Why } from './page/Why';
import { type AlertDetail, alertQuery } from './queries';
import { useTriage } from './useTriage';

const Dialogs = later(() => import('./page/Dialogs'), 'Dialogs');
const route = getRouteApi('/app/alerts/$alertId');

/** All there is to know of an alert, and all that can be done with it. */
export default function AlertPage() {
  const { alertId } = route.useParams();
  const one = useQuery(alertQuery(alertId));
  // Its events wait until they are asked for.
  const parts = ['one', 'notes', 'history'].map((part) => ['alerts', part, alertId]);
  useRefresh('alert', parts, { id: alertId });
  // What was hidden since, with the incident it is in, is not shown any more.
  const gone = one.isError && asApiError(one.error).status === 404;
  if (one.data && !gone) return <Known key={alertId} alert={one.data} old={one.isError} />;
  return (
    <Page
      title={
        <span className={s.title}>
          <Back />
          Alert
        </span>
      }
    >
      {gone ? <ErrorState error={one.error} /> : <Reply of={one}>{() => null}</Reply>}
    </Page>
  );
}

function Known({ alert, old }: { alert: AlertDetail; old: boolean }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (patch: AlertPageSearch) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true, resetScroll: false });
  const { offers, busy, act, asked, leave, triage } = useActing(alert);
  return (
    <Page
      title={
        <span className={s.title}>
          <Back />
          {alert.title}
        </span>
      }
      beside={
        <>
          <SeverityBadge severity={alert.severity} />
          <StatusText status={alert.status} />
        </>
      }
      actions={
        <>
          <Folds alert={alert} />
          <LiveIndicator />
        </>
      }
      under={<ActionBar offers={offers} busy={busy} onDo={act} />}
    >
      {old && <Banner tone="warning">This is what it was; the newest could not be loaded.</Banner>}
      {alert.status === 'suppressed' && (
        <Banner>A suppression hides these events, so nobody is told of them, and nobody works on this alert.</Banner>
      )}
      <Facts alert={alert} />
      <Columns kind="main">
        <Stack>
          <Why alert={alert} />
          <Around alert={alert} search={search} onChange={change} />
          <Events alert={alert} open={search.event} onOpen={(event) => change({ event })} />
          <Notes alert={alert} />
        </Stack>
        <Stack>
          <Details alert={alert} />
          <Observables alert={alert} />
          <History alert={alert} />
        </Stack>
      </Columns>
      <Suspense fallback={<Coming />}>
        {asked && <Dialogs asked={asked} alert={alert} triage={triage} onLeave={leave} />}
      </Suspense>
    </Page>
  );
}

function Back() {
  return (
    <Link to="/alerts" className={s.back} aria-label="To the queue" title="To the queue">
      <ChevronLeft size={16} aria-hidden="true" />
    </Link>
  );
}

/** What is asked for by a dialog, and what is done at once, by button or key. */
function useActing(alert: AlertDetail) {
  const { user } = useSession();
  const home = alert.organization_id;
  const offers = offersOf(alert, user.id, {
    write: useMay('alerts:write', home),
    incidents: useMay('incidents:write', home),
    suppress: useMay('suppressions:write', home),
  });
  const triage = useTriage();
  const navigate = route.useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  function act(name: Doing) {
    if (triage.isPending || offers.find((one) => one.name === name)?.why !== undefined) return;
    if (name === 'take') triage.mutate({ alert, triage: { do: 'assign', to: user.id } });
    else if (name === 'acknowledge' || name === 'start' || name === 'reopen')
      triage.mutate({ alert, triage: { do: name } });
    else setAsked(name);
  }
  const to = (label: string, id: string | null | undefined) =>
    id
      ? { label, run: () => void navigate({ to: '/alerts/$alertId', params: { alertId: id }, search: {} }) }
      : undefined;
  useHotkeys({
    ...Object.fromEntries(
      offers
        .filter((one) => one.why === undefined)
        .map((one) => [one.hotkey, { label: one.label, run: () => act(one.name) }]),
    ),
    '[': to('Previous alert of its kind', alert.previous_alert_id),
    ']': to('Next alert of its kind', alert.next_alert_ids[0]),
  });
  return { offers, triage, busy: triage.isPending, act, asked, leave: () => setAsked(null) };
}
