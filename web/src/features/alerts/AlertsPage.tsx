import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ArrowUp } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { useSession } from '@/domain/session';
import { formatCount } from '@/lib/format';
import { useHotkeys } from '@/lib/hotkeys';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { State } from '@/ui/State';
import s from './AlertsPage.module.css';
import { CloseDialog } from './CloseDialog';
import { Facets } from './Facets';
import { Grid } from './Grid';
import { Preview } from './Preview';
import { QueryBar } from './QueryBar';
import { alertsQuery } from './queries';
import { type AlertSearch, toggled } from './search';
import { useSelection } from './selection';
import { type Triage, useTriage } from './triage';
import { useFresh } from './useFresh';
import { Volume } from './Volume';

const route = getRouteApi('/app/alerts');
/** The API counts no further. */
const MANY = 10_000;

/** The queue: how much, how bad, what next. */
export default function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const { user } = useSession();
  const list = useInfiniteQuery(alertsQuery(search));
  const alerts = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total ?? null;
  const degraded = list.data?.pages.findLast((page) => page.degraded)?.degraded;
  const fresh = useFresh(search, alerts);
  const selection = useSelection();
  const triage = useTriage(user.id);
  const [at, setAt] = useState(0);
  const [closing, setClosing] = useState(false);
  const focus = Math.max(0, Math.min(at, alerts.length - 1));
  const current = alerts[focus];

  const change = useCallback(
    (patch: Partial<AlertSearch>) => void navigate({ search: (before) => ({ ...before, ...patch }) }),
    [navigate],
  );
  const move = (step: number) => setAt(Math.max(0, Math.min(alerts.length - 1, focus + step)));
  const open = useCallback(
    (index: number) => {
      setAt(index);
      change({ open: alerts[index]?.id });
    },
    [alerts, change],
  );
  function act(done: Triage) {
    if (!current) return;
    triage.mutate({ alert: current, triage: done });
    move(1);
  }
  function extend(step: number) {
    const next = Math.max(0, Math.min(alerts.length - 1, focus + step));
    selection.add([alerts[focus], alerts[next]].flatMap((one) => (one ? [one.id] : [])));
    setAt(next);
  }
  function showNew() {
    setAt(0);
    void client.resetQueries({ queryKey: alertsQuery(search).queryKey });
  }
  function leave() {
    if (selection.ids.size > 0) selection.clear();
    else change({ open: undefined });
  }
  useHotkeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    J: () => extend(1),
    K: () => extend(-1),
    x: () => current && selection.toggle(current.id),
    o: () => open(focus),
    Enter: () => open(focus),
    e: () => current?.status === 'new' && act({ do: 'acknowledge' }),
    m: () => act({ do: 'assign', to: user.id }),
    c: () => current && setClosing(true),
    '.': fresh > 0 ? showNew : undefined,
    Escape: leave,
  });

  return (
    <div className={s.page}>
      <header className={s.head}>
        <h1 className={s.title}>Alerts</h1>
        <p className={s.total} role="status">
          {total !== null && `${formatCount(total)}${total >= MANY ? '+' : ''} ${search.query ? 'found' : 'open'}`}
        </p>
        {fresh > 0 && (
          <Button size="sm" onClick={showNew}>
            <ArrowUp size={12} aria-hidden="true" />
            {fresh} new<Kbd>.</Kbd>
          </Button>
        )}
        <LiveIndicator />
      </header>
      <QueryBar query={search.query} error={list.error} onQuery={(query) => change({ query })} />
      {degraded && <Banner tone="warning">Answered without search, which takes longer: {degraded}.</Banner>}
      <Volume search={search} onRange={(from, to) => change({ from, to })} />
      <div className={s.body} data-preview={search.open && current ? '' : undefined}>
        <Facets search={search} onToggle={(field, value) => change({ chosen: toggled(search.chosen, field, value) })} />
        {list.isError && alerts.length === 0 ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : list.isSuccess && alerts.length === 0 ? (
          <Nothing narrowed={Object.values(search).some(Boolean)} onClear={() => void navigate({ search: {} })} />
        ) : (
          <Grid
            alerts={alerts}
            total={total}
            focus={focus}
            selected={selection.ids}
            busy={list.isFetching}
            more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
            onFocus={setAt}
            onOpen={open}
            onToggle={selection.toggle}
          />
        )}
        {search.open && current && (
          <Preview
            alert={current}
            onAcknowledge={() => act({ do: 'acknowledge' })}
            onClose={() => setClosing(true)}
            onLeave={() => change({ open: undefined })}
          />
        )}
      </div>
      <footer className={s.foot}>
        <Hint keys={['J', 'K']}>move</Hint>
        <Hint keys={['X']}>select</Hint>
        <Hint keys={['O']}>preview</Hint>
        <Hint keys={['E']}>acknowledge</Hint>
        <Hint keys={['M']}>take</Hint>
        <Hint keys={['C']}>close</Hint>
        <Hint keys={['/']}>search</Hint>
      </footer>
      {closing && current && (
        <CloseDialog
          alert={current}
          onDone={(done) => {
            setClosing(false);
            act({ do: 'close', ...done });
          }}
          onLeave={() => setClosing(false)}
        />
      )}
    </div>
  );
}

function Hint({ keys, children }: { keys: readonly string[]; children: string }) {
  return (
    <span className={s.hint}>
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
      {children}
    </span>
  );
}

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (!narrowed) return <State title="The queue is clear">No alert is open that is in no incident.</State>;
  return (
    <State title="Nothing matches" action={<Button onClick={onClear}>Clear all filters</Button>}>
      No alert of your organizations is found by this query.
    </State>
  );
}
