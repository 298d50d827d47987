import { type ReactNode, Suspense, useState } from 'react';
import { some } from '@/domain/job/job';
import { useMay, useSession } from '@/domain/session';
import { formatTotal } from '@/lib/format';
import { later } from '@/lib/later';
import { Coming } from '@/ui/Coming';
import type { BulkAction } from './bulk';
import type { Asked } from './dialogs/Dialogs';
import type { Alert } from './queries';
import type { AlertSearch } from './search';
import { canTake, type Triage } from './triage';
import { useJobs } from './useJobs';
import type { Queue } from './useQueue';
import { useTriage } from './useTriage';

// Fetched when something is asked for the first time.
const Dialogs = later(() => import('./dialogs/Dialogs'), 'Dialogs');

type Act = Asked | 'acknowledge';

export interface Actions {
  /** Begins it, on what is selected, or on the row where one is; asks for what it needs first. */
  act: (what: Act) => void;
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
  const { user } = useSession();
  const { cursor, selection, current, alerts, total } = queue;
  const { mutate: triage, isPending } = useTriage();
  const [asking, setAsking] = useState<Asked>();
  const jobs = useJobs(queue, search);
  const mayWrite = useMay('alerts:write');
  const mayLink = useMay('incidents:write') && mayWrite;
  const many = queue.selecting;
  const count = selection.allSince === undefined ? selection.ids.size : (total ?? 0);
  const what = many
    ? selection.allSince
      ? `All ${formatTotal(count)} alerts`
      : some(count, 'alert')
    : (current?.title ?? '');

  function one(step: Triage, alert: Alert | undefined = current) {
    function over() {
      setAsking(undefined);
      if (step.do === 'acknowledge' || step.do === 'close') cursor.to(cursor.index + 1);
    }
    if (!alert) return setAsking(undefined);
    // What was typed stays until it is kept.
    if (asking === 'close' || asking === 'tag') return triage({ alert, triage: step }, { onSuccess: over });
    over();
    triage({ alert, triage: step });
  }
  function all(action: BulkAction) {
    setAsking(undefined);
    jobs.change(action);
  }
  function act(wanted: Act) {
    if (!mayWrite || (!many && !current)) return;
    if (wanted !== 'acknowledge') return setAsking(wanted);
    if (many) all({ type: 'acknowledge' });
    else if (current && canTake(current, 'acknowledge')) one({ do: 'acknowledge' });
    else cursor.to(cursor.index + 1);
  }
  /** What the API has no job for is asked of one alert alone. */
  function done(step: Triage) {
    if (!many) return one(step);
    if (step.do === 'assign') all({ type: 'assign', assignee_id: step.to });
    if (step.do === 'close') all({ type: 'close', verdict: step.verdict, reason: step.reason, note: step.note });
    if (step.do === 'tag') all({ type: 'tags', add: step.add, remove: step.remove });
  }

  return {
    act,
    take: () => mayWrite && done({ do: 'assign', to: user.id }),
    busy: jobs.busy,
    mayWrite,
    mayLink,
    dialogs: (
      <>
        {asking && (
          <Suspense fallback={<Coming />}>
            <Dialogs
              asked={asking}
              what={what}
              alert={many ? undefined : current}
              busy={isPending}
              organizationId={(alerts.find((alert) => selection.ids.has(alert.id)) ?? current)?.organization_id ?? ''}
              onDone={done}
              onLink={(into) => {
                setAsking(undefined);
                jobs.link(into);
              }}
              onStep={(step) => (step === 'close' ? setAsking('close') : one({ do: step }))}
              onLeave={() => setAsking(undefined)}
            />
          </Suspense>
        )}
        {jobs.dialog}
      </>
    ),
  };
}
