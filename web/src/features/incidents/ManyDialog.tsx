import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { some } from '@/domain/job/job';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Progress } from '@/ui/Progress';
import { say } from '@/ui/toast';
import { type Change, doneOf, leftOut, SAID, undoing } from './change';
import s from './ManyDialog.module.css';
import { changeMany, type Outcome, undoMany } from './many';
import type { Incident } from './queries';
import { put } from './rows';

interface Props {
  rows: readonly Incident[];
  change: Change;
  onOver: () => void;
  onLeave: () => void;
}

const NONE: Outcome = { matched: 0, done: [], left: [], failed: [] };

/** One change of several incidents: how many it touches, how far it is, what became of each, and the way back. */
export function ManyDialog({ rows, change, onOver, onLeave }: Props) {
  const client = useQueryClient();
  const [outcome, setOutcome] = useState(NONE);
  const [at, setAt] = useState<'asked' | 'running' | 'over'>('asked');
  const stop = useRef(new AbortController());
  const [verb] = SAID[change.do];
  async function start() {
    setAt('running');
    const end = await changeMany(rows, change, setOutcome, stop.current.signal);
    for (const { now } of end.done) put(client, now);
    setOutcome(end);
    setAt('over');
    onOver();
  }
  async function takeBack() {
    onLeave();
    const end = await undoMany(outcome, change, () => undefined, new AbortController().signal);
    for (const { now } of end.done) put(client, now);
    const rest = outcome.done.length - end.done.length;
    say({
      title: `Taken back: ${some(end.done.length, 'incident')}`,
      ...(rest > 0 && { description: `${rest} were not.` }),
    });
  }
  function leave() {
    stop.current.abort();
    onLeave();
  }
  return (
    <Dialog title={`${verb} ${some(rows.length, 'incident')}`} onLeave={leave}>
      {at === 'asked' && <Ask rows={rows} change={change} onStart={() => void start()} onLeave={leave} />}
      {at === 'running' && (
        <>
          <div role="status">
            {doneOf(change)}: {formatCount(outcome.done.length)} of {some(rows.length, 'incident')}
          </div>
          <Progress
            label="So far"
            value={outcome.done.length + outcome.left.length + outcome.failed.length}
            max={rows.length}
          />
          <DialogActions>
            <Button onClick={() => stop.current.abort()}>Stop</Button>
          </DialogActions>
        </>
      )}
      {at === 'over' && (
        <Over rows={rows} change={change} outcome={outcome} onUndo={() => void takeBack()} onLeave={onLeave} />
      )}
    </Dialog>
  );
}

function Ask({ rows, change, onStart, onLeave }: Omit<Props, 'onOver'> & { onStart: () => void }) {
  const out = leftOut(rows, change);
  const touched = rows.length - out.reduce((sum, [, count]) => sum + count, 0);
  const [verb] = SAID[change.do];
  return (
    <>
      <p>
        <strong className={s.number}>{some(touched, 'incident')}</strong> of {formatCount(rows.length)} would be changed
        {change.do === 'move' && `: ${doneOf(change).toLowerCase()}`}. Who changed one meanwhile is not written over.
      </p>
      {out.length > 0 && (
        <p className="u-muted">Left out: {out.map(([why, count]) => `${formatCount(count)} ${why}`).join('; ')}.</p>
      )}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button variant="primary" disabled={touched === 0} onClick={onStart} autoFocus>
          {verb} {some(touched, 'incident')}
        </Button>
      </DialogActions>
    </>
  );
}

interface OverProps extends Omit<Props, 'onOver'> {
  outcome: Outcome;
  onUndo: () => void;
}

function Over({ rows, change, outcome, onUndo, onLeave }: OverProps) {
  const { done, left, failed } = outcome;
  const untouched = rows.length - done.length - left.length - failed.length;
  const back = done.some(({ before }) => undoing(before, change));
  const figures = {
    Matched: rows.length,
    [SAID[change.do][1]]: done.length,
    'Left out': left.length,
    Failed: failed.length,
  };
  return (
    <>
      <p className="u-visually-hidden" role="status">
        {doneOf(change)}: {some(done.length, 'incident')}
      </p>
      <dl className={s.outcome}>
        {Object.entries(figures).map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
      {untouched > 0 && <p>Stopped. {some(untouched, 'incident')} were not touched.</p>}
      {left.length + failed.length > 0 && (
        <ul className={s.rows} aria-label="Not changed">
          {[...failed, ...left].map(({ row, why }) => (
            <li key={row.id}>
              #{row.number} {row.title}: {why}
            </li>
          ))}
        </ul>
      )}
      <DialogActions>
        {back && <Button onClick={onUndo}>Undo</Button>}
        <Button variant="primary" onClick={onLeave} autoFocus>
          Done
        </Button>
      </DialogActions>
    </>
  );
}
