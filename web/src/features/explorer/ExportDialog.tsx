import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { DialogForm } from '@/domain/dialogs/FormDialog';
import { cancelJob, isOver, type Job, jobQuery } from '@/domain/job/job';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { Progress } from '@/ui/Progress';
import { Segmented } from '@/ui/Segmented';
import { Switch } from '@/ui/Switch';
import { complain } from '@/ui/toast';
import { MOST_COPIED } from './count';
import s from './ExportDialog.module.css';
import { ExportOver } from './ExportOver';
import { startExport } from './queries';
import type { Explorer } from './useExplorer';

interface Props {
  explorer: Explorer;
  onLeave: () => void;
}

/** A copy of all that matches: which form, then how far it is, then where it is fetched. */
export function ExportDialog({ explorer, onLeave }: Props) {
  const start = useMutation({ mutationFn: startExport });
  const { data: job = start.data } = useQuery({
    ...jobQuery(start.data?.id ?? ''),
    enabled: start.data !== undefined,
  });
  return (
    <Dialog title="Export events" onLeave={onLeave}>
      {!job && (
        <Form explorer={explorer} busy={start.isPending} error={start.error} onStart={start.mutate} onLeave={onLeave} />
      )}
      {job && !isOver(job) && <Running job={job} onLeave={onLeave} />}
      {job && isOver(job) && <ExportOver job={job} onLeave={onLeave} onAgain={start.reset} />}
    </Dialog>
  );
}

interface FormProps extends Props {
  busy: boolean;
  error: unknown;
  onStart: (body: Parameters<typeof startExport>[0]) => void;
}

function Form({ explorer, busy, error, onStart, onLeave }: FormProps) {
  const [format, setFormat] = useState<'csv' | 'ndjson'>('csv');
  const [documents, setDocuments] = useState(false);
  const zone = useZoneLabel();
  // What matches is what matched when the dialog was opened.
  const [{ asked, whole: matching, counts }] = useState(explorer);
  const tooMany = counts !== undefined && counts.alert + counts.telemetry > MOST_COPIED;
  const whole = format === 'ndjson' && documents;
  function submit() {
    const { query = '', from: start, to: end } = asked;
    onStart({ of: 'events', format, query, start, end, with_documents: whole, status: [] });
  }
  return (
    <DialogForm verb="Export events" busy={busy} error={error} ready={!tooMany} onSubmit={submit} onLeave={onLeave}>
      <KeyValue
        facts={[
          ['Events', matching],
          [
            `Time (${zone})`,
            <>
              <Moment at={asked.from} /> – <Moment at={asked.to} />
            </>,
          ],
          ['Query', asked.query && <code className={s.query}>{asked.query}</code>],
        ]}
      />
      <Segmented
        label="Format"
        options={[
          ['csv', 'CSV, for spreadsheets'],
          ['ndjson', 'NDJSON, for programs'],
        ]}
        value={format}
        onChange={setFormat}
      />
      {format === 'ndjson' && (
        <Switch
          label="With whole documents"
          help="All fields of each event, not only the listed ones."
          checked={documents}
          onChange={setDocuments}
        />
      )}
      <p className="u-subtle">
        {whole ? 'Whole documents beside: ' : 'Columns: '}time, kind, severity, title, product, dataset, rule, source
        and destination address, host, user, and ids. The audit keeps who took it.
      </p>
      {tooMany && (
        <Banner tone="warning">
          A copy holds {formatCount(MOST_COPIED)} events at most. Narrow the query or the range of time.
        </Banner>
      )}
    </DialogForm>
  );
}

function Running({ job, onLeave }: { job: Job; onLeave: () => void }) {
  const stop = useMutation({
    mutationFn: () => cancelJob(job.id),
    onError: (thrown) => complain({ title: 'Not stopped', description: asApiError(thrown).message }),
  });
  return (
    <>
      <p role="status">
        {job.status === 'pending'
          ? 'It waits for its turn.'
          : `${formatCount(job.done)} of ${formatCount(job.total)} events`}
      </p>
      <Progress label="Events copied" value={job.done} max={job.total} />
      <p className="u-subtle">It goes on when you leave; the jobs page has it then.</p>
      <DialogActions>
        <Button busy={stop.isPending || job.cancel_requested_at !== null} onClick={() => stop.mutate()}>
          Stop
        </Button>
        <Button variant="primary" onClick={onLeave}>
          Leave it running
        </Button>
      </DialogActions>
    </>
  );
}
