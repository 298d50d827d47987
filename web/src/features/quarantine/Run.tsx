import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { PATHS } from '@/app/paths';
import { reasonLabel } from '@/domain/reasons';
import { useMay } from '@/domain/session';
import { formatCount } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Progress } from '@/ui/Progress';
import { Tag } from '@/ui/Tag';
import s from './Quarantine.module.css';
import { type Group, type RecordDetail, recordQuery } from './queries';
import { useTakeBack } from './requests';
import type { Verb } from './selection';
import { tallyOf } from './tally';

/** What was asked for from this page. */
export interface Running {
  verb: Verb;
  requested: number;
  shown: readonly string[];
}

const MOST_SHOWN = 50;
const DOING: Record<Verb, string> = { redrive: 'Re-driving', discard: 'Discarding' };

interface Props {
  running: Running | null;
  groups: readonly Group[];
  onLeave: () => void;
}

/** How far it is with what was asked for, by whomever, and what became of each row that was on the screen. */
export function Run({ running, groups, onLeave }: Props) {
  const takeBack = useTakeBack();
  const mayChange = useMay('quarantine:write');
  const waiting = groups.filter((group) => group.requested !== null).reduce((sum, group) => sum + group.records, 0);
  const total = Math.max(running?.requested ?? 0, waiting);
  const done = total - waiting;
  const verb = running?.verb ?? (groups.some((group) => group.requested === 'redrive') ? 'redrive' : 'discard');
  return (
    <section className={s.run} aria-label="What was asked for">
      <div className={s.runHead}>
        <div role="status">
          <strong>{waiting > 0 ? DOING[verb] : 'Done'}</strong>{' '}
          <span className="u-muted">
            {formatCount(done)} of {formatCount(total)}
          </span>
        </div>
        {waiting > 0 && mayChange && (
          <Button size="sm" busy={takeBack.isPending} onClick={() => takeBack.mutate({ all: true })}>
            Cancel what is left
          </Button>
        )}
        {running && waiting === 0 && (
          <IconButton size="sm" label="Put away" onClick={onLeave}>
            <X size={13} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {waiting > 0 && <Progress label={DOING[verb]} value={done} max={total} />}
      {running && (
        <Results ids={running.shown.slice(0, MOST_SHOWN)} requested={running.requested} settled={waiting === 0} />
      )}
    </section>
  );
}

function Results({ ids, requested, settled }: { ids: readonly string[]; requested: number; settled: boolean }) {
  const records = useQueries({
    queries: ids.map((id) => recordQuery(id)),
    combine: (replies) => replies.flatMap((reply) => (reply.data ? [reply.data] : [])),
  });
  const { stored, open, discarded, waiting } = tallyOf(records);
  return (
    <>
      <p className="u-subtle">
        {[
          stored > 0 && `${stored} stored`,
          open > 0 && `${open} still cannot be read`,
          discarded > 0 && `${discarded} discarded`,
          waiting > 0 && `${waiting} on their way`,
        ]
          .filter(Boolean)
          .join(' · ') || (settled ? 'No record was left to do this with.' : '')}
        {requested > ids.length && `, of the ${ids.length} that were on the screen`}
      </p>
      <ul className={s.results}>
        {records.map((record) => (
          <Result key={record.id} record={record} />
        ))}
      </ul>
    </>
  );
}

function Result({ record }: { record: RecordDetail }) {
  return (
    <li className={s.result}>
      <span>
        {record.requested ? (
          <Tag>On its way</Tag>
        ) : record.status === 'redriven' ? (
          <Tag tone="success">Stored</Tag>
        ) : record.status === 'discarded' ? (
          <Tag>Discarded</Tag>
        ) : (
          <Tag tone="warning">Open again</Tag>
        )}
      </span>
      <span className="u-cut">
        {record.status === 'open' && !record.requested
          ? `${reasonLabel(record.reason)}: ${record.detail}`
          : record.head}
      </span>
      <Link to={PATHS.receipt} params={{ receiptId: record.id }} className="u-link">
        Receipt
      </Link>
    </li>
  );
}
