import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { JobDialog, type JobProps } from '@/domain/job/JobDialog';
import { some } from '@/domain/job/job';
import { useQuickJob } from '@/domain/job/useQuickJob';
import { useMay, useSession } from '@/domain/session';
import { Coming } from '@/ui/Coming';
import { type BulkAction, bulk, isWide, type Linking, link, manyOf, SAID, undoBulk, undoLink } from './bulk';
import type { What } from './Dialogs';
import type { Alert } from './queries';
import { useRefresh } from './rows';
import { canTake } from './StatusDialog';
import { saidOf } from './Summary';
import type { AlertSearch } from './search';
import { type Triage, useTriage } from './triage';
import type { Queue } from './useQueue';

// Fetched when something is asked for the first time.
const Dialogs = lazy(() => import('./Dialogs'));

export interface Actions {
  /** Begins it, on what is selected, or on the row where one is; asks for what it needs first. */
  act: (what: What) => void;
  /** The person's own: m. */
  take: () => void;
  busy: boolean;
  mayWrite: boolean;
  mayLink: boolean;
  /** What is asked now. */
  dialogs: ReactNode;
}

/** What can be done with alerts: one by one with the revision that was seen, many by a job; the same words for both. */
export function useActions(queue: Queue, search: AlertSearch): Actions {
  const client = useQueryClient();
  const { user } = useSession();
  const { cursor, selection, current, alerts, total } = queue;
  const refresh = useRefresh();
  const triage = useTriage(user.id);
  const [asking, setAsking] = useState<What | undefined>();
  const [job, setJob] = useState<Omit<JobProps, 'onOver' | 'onLeave'> | undefined>();
  const mayWrite = useMay('alerts:write');
  const mayLink = useMay('incidents:write') && mayWrite;
  const many = queue.selecting;
  const count = selection.allSince === undefined ? selection.ids.size : (total ?? 0);
  const what = many
    ? selection.allSince
      ? `All ${saidOf(count)} alerts`
      : some(count, 'alert')
    : (current?.title ?? '');

  function over() {
    void refresh(alerts.map((alert) => alert.id).filter((id) => selection.allSince || selection.ids.has(id)));
    selection.clear();
    for (const key of ['facets', 'histogram', 'count']) void client.invalidateQueries({ queryKey: ['alerts', key] });
  }
  const quick = useQuickJob(over);

  function one(step: Triage, alert: Alert | undefined = current) {
    setAsking(undefined);
    if (!alert) return;
    triage({ alert, triage: step });
    if (step.do === 'acknowledge' || step.do === 'close') cursor.to(cursor.index + 1);
  }
  function all(action: BulkAction) {
    setAsking(undefined);
    const which = manyOf(selection, search);
    const [verb, done] = SAID[action.type];
    const undo = undoBulk;
    if (isWide(which, action))
      setJob({
        prepare: () => bulk(which, action, false),
        undo,
        verb,
        done,
        thing: 'alert',
        danger: action.type === 'close',
      });
    else quick.mutate({ start: () => bulk(which, action, true), undo, done, thing: 'alert' });
  }
  function linkTo(to: Linking) {
    setAsking(undefined);
    const which = many ? manyOf(selection, search) : { ids: current ? [current.id] : [] };
    const said = { undo: undoLink, done: 'Linked', thing: 'alert' };
    if (isWide(which)) setJob({ ...said, prepare: () => link(which, to, false), verb: 'Link' });
    else quick.mutate({ ...said, start: () => link(which, to, true) });
  }
  function act(wanted: What) {
    if (!mayWrite || (!many && !current)) return;
    if (wanted !== 'acknowledge') return setAsking(wanted);
    if (many) all({ type: 'acknowledge' });
    else if (current && canTake(current, 'acknowledge')) one({ do: 'acknowledge' });
    else cursor.to(cursor.index + 1);
  }
  const assign = (to: string | null) => (many ? all({ type: 'assign', assignee_id: to }) : one({ do: 'assign', to }));

  return {
    act,
    take: () => mayWrite && assign(user.id),
    busy: quick.isPending,
    mayWrite,
    mayLink,
    dialogs: (
      <>
        {asking && (
          <Suspense fallback={<Coming />}>
            <Dialogs
              asking={asking}
              what={what}
              alert={many ? undefined : current}
              organizationId={(alerts.find((alert) => selection.ids.has(alert.id)) ?? current)?.organization_id ?? ''}
              onLeave={() => setAsking(undefined)}
              onAssign={assign}
              onClose={(done) => (many ? all({ type: 'close', ...done }) : one({ do: 'close', ...done }))}
              onTag={(add, remove) => (many ? all({ type: 'tags', add, remove }) : one({ do: 'tag', add, remove }))}
              onSnooze={(until) => one({ do: 'snooze', until })}
              onLink={linkTo}
              onStep={(step) => (step === 'close' ? setAsking('close') : one({ do: step }))}
            />
          </Suspense>
        )}
        {job && <JobDialog {...job} onOver={over} onLeave={() => setJob(undefined)} />}
      </>
    ),
  };
}
