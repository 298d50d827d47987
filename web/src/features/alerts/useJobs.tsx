import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { JobDialog, type JobProps } from '@/domain/job/JobDialog';
import type { Job } from '@/domain/job/job';
import { useQuickJob } from '@/domain/job/useQuickJob';
import { type BulkAction, bulk, isWide, link, manyOf, SAID, undoBulk, undoLink } from './bulk';
import type { Into } from './dialogs/IncidentDialog';
import { useRefresh } from './rows';
import type { AlertSearch } from './search';
import type { Queue } from './useQueue';

/** By its number an incident is found again, the one just opened too. */
const toIncident = ({ result }: Job) => (typeof result.number === 'number' ? ` to #${result.number}` : '');

/** What is done to many alerts by a job: at once, or after its number was told where it is wide. */
export function useJobs({ selection, selecting: many, current, alerts }: Queue, search: AlertSearch) {
  const client = useQueryClient();
  const refresh = useRefresh();
  const [job, setJob] = useState<Omit<JobProps, 'onOver' | 'onLeave'>>();
  function over() {
    void refresh(alerts.map((alert) => alert.id).filter((id) => selection.allSince || selection.ids.has(id)));
    selection.clear();
    for (const key of ['facets', 'histogram', 'count']) void client.invalidateQueries({ queryKey: ['alerts', key] });
  }
  const quick = useQuickJob(over);

  function change(action: BulkAction) {
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
  function linkTo(into: Into) {
    const which = many ? manyOf(selection, search) : { ids: current ? [current.id] : [] };
    const said = { undo: undoLink, done: 'Linked', thing: 'alert' };
    if (isWide(which)) setJob({ ...said, prepare: () => link(which, into, false), verb: 'Link' });
    else quick.mutate({ ...said, into: toIncident, start: () => link(which, into, true) });
  }
  return {
    change,
    link: linkTo,
    busy: quick.isPending,
    /** What is told of a wide one. */
    dialog: job && <JobDialog {...job} onOver={over} onLeave={() => setJob(undefined)} />,
  };
}
