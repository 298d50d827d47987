import { type ReactNode, Suspense, useState } from 'react';
import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { movesFrom, needsReason, whyOpen, whyStill } from '@/domain/moves';
import { useMay, useSession } from '@/domain/session';
import { later } from '@/lib/later';
import { Coming } from '@/ui/Coming';
import { complain } from '@/ui/toast';
import { type Change, whyNot } from './change';
import type { Asked } from './Dialogs';
import type { Incident } from './queries';
import { useWork } from './useWork';

const Dialogs = later(() => import('./Dialogs'), 'Dialogs');
const ManyDialog = later(() => import('./ManyDialog'), 'ManyDialog');

/** What can be done with incidents, from wherever it is asked: by key, by button, by menu, by a card that is dropped. */
export interface Actions {
  may: boolean;
  ask: (what: Asked['what'], rows: readonly Incident[]) => void;
  take: (rows: readonly Incident[]) => void;
  /** To another column: at once, or after what it needs was asked. Returns why not, where it cannot go there. */
  move: (row: Incident, to: IncidentStatus) => string | undefined;
  /** What is open on top of the page, and whether anything is. */
  dialogs: ReactNode;
  asking: boolean;
}

/** `onOver` is told when several were changed, `onRefused` when one was not. */
export function useActions(onOver: () => void, onRefused?: (row: Incident, why: string) => void): Actions {
  const { user } = useSession();
  const may = useMay('incidents:write');
  const work = useWork(onRefused);
  const [asked, setAsked] = useState<Asked | undefined>();
  const [many, setMany] = useState<{ rows: readonly Incident[]; change: Change } | undefined>();

  function ask(what: Asked['what'], rows: readonly Incident[]) {
    if (!may || rows.length === 0) return;
    const why = rows.length === 1 && rows[0] ? whyNotAsked(what, rows[0]) : undefined;
    if (what === 'close' && rows.length > 1)
      return void complain({ title: 'Close them one by one', description: 'Each has an end of its own.' });
    if (why) return void complain({ title: `#${rows[0]?.number} stays as it is`, description: why });
    setAsked({ what, rows });
  }
  function change(rows: readonly Incident[], change: Change) {
    const [row] = rows;
    setAsked(undefined);
    if (rows.length > 1) return setMany({ rows, change });
    if (row && !whyNot(row, change)) work({ row, change });
  }
  function move(row: Incident, to: IncidentStatus): string | undefined {
    const why = whyNotTo(row, to);
    if (why) return why;
    if (to === 'closed') setAsked({ what: 'close', rows: [row] });
    else if (to !== 'merged' && needsReason(row, to)) setAsked({ what: 'move', rows: [row], to });
    else if (to !== 'merged') work({ row, change: { do: 'move', to } });
    return undefined;
  }
  function merged() {
    setAsked(undefined);
    onOver();
  }
  return {
    may,
    ask,
    take: (rows) => may && change(rows, { do: 'assign', to: user.id }),
    move,
    asking: asked !== undefined || many !== undefined,
    dialogs: (
      <Suspense fallback={<Coming />}>
        {asked && <Dialogs asked={asked} onChange={change} onMerged={merged} onLeave={() => setAsked(undefined)} />}
        {many && <ManyDialog {...many} onOver={onOver} onLeave={() => setMany(undefined)} />}
      </Suspense>
    ),
  };
}

/** Why an incident cannot go into that column; undefined where it can. */
export function whyNotTo(row: Incident, to: IncidentStatus): string | undefined {
  const why = to === 'closed' ? whyOpen(row) : whyStill(row);
  if (why) return why;
  if (to === 'closed' || (to !== 'merged' && movesFrom(row.status).includes(to))) return undefined;
  return `From ${incidentStatusLabel(row.status)} it cannot go to ${incidentStatusLabel(to)}`;
}

function whyNotAsked(what: Asked['what'], row: Incident): string | undefined {
  if (what === 'close') return whyOpen(row);
  if (what === 'move' || what === 'assign') return whyStill(row);
  if (what === 'tag') return row.status === 'merged' ? 'It was merged into another' : undefined;
  return whyStill({ ...row, review: null });
}
