import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { Reply } from '@/domain/Reply';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import s from './dialogs.module.css';
import { detailQuery, type Incident, type IncidentDetail, reasonsQuery } from './queries';
import { put } from './rows';

interface Props {
  row: Incident;
  onLeave: () => void;
}

/** Ends an incident here where nothing is missing; else says what is, and leads to its page. */
export function CloseDialog({ row, onLeave }: Props) {
  const detail = useQuery({ ...detailQuery(row.id), staleTime: 0 });
  return (
    <Dialog title={`Close #${row.number}`} description={row.title} onLeave={onLeave}>
      <Reply of={detail} lines={3}>
        {(incident) =>
          incident.missing.length > 0 || incident.needs_review ? (
            <Lacking incident={incident} onLeave={onLeave} />
          ) : (
            <Ending incident={incident} row={row} onLeave={onLeave} />
          )
        }
      </Reply>
    </Dialog>
  );
}

const WHAT: Record<IncidentDetail['missing'][number]['kind'], (name: string) => string> = {
  summary: () => 'A summary',
  field: (name) => `The field “${name}”`,
  task: (name) => `The required task “${name}”`,
};

function Lacking({ incident, onLeave }: { incident: IncidentDetail; onLeave: () => void }) {
  return (
    <>
      <p>Before it can be closed it still needs:</p>
      <ul className={s.list}>
        {incident.missing.map(({ kind, id, name }) => (
          <li key={`${kind} ${id ?? name}`}>{WHAT[kind](name)}</li>
        ))}
        {incident.needs_review && <li>A second person who agrees</li>}
      </ul>
      <DialogActions>
        <Button onClick={onLeave}>Not now</Button>
        <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} className={s.link}>
          Open #{incident.number}
        </Link>
      </DialogActions>
    </>
  );
}

function Ending({ incident, row, onLeave }: { incident: IncidentDetail; row: Incident; onLeave: () => void }) {
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<Verdict>('true_positive');
  const reasons = useQuery(reasonsQuery(incident.organization_id));
  const offered = (reasons.data ?? []).filter((one) => one.verdict === verdict && one.retired_at === null);
  const close = useMutation({
    mutationFn: (reason: string) =>
      read(
        api.POST('/api/v1/incidents/{incident_id}/close', {
          params: { path: { incident_id: incident.id }, header: ifMatch(incident.revision) },
          body: { verdict, reason },
        }),
      ),
    onSuccess: (after) => {
      put(client, { ...row, ...after });
      say({ title: `Closed: #${row.number} ${row.title}` });
      onLeave();
    },
    // What is missing, or what somebody else made of it, is asked for anew.
    onError: () => client.invalidateQueries({ queryKey: detailQuery(incident.id).queryKey }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    close.mutate(String(new FormData(event.currentTarget).get('reason')));
  }
  const open = incident.counts.open_alerts;
  return (
    <form className={s.form} onSubmit={submit}>
      <Select
        label="Verdict"
        value={verdict}
        options={VERDICTS}
        autoFocus
        onChange={(event) => setVerdict(event.target.value as Verdict)}
      />
      <Select
        key={verdict}
        label="Reason"
        name="reason"
        required
        options={offered.map((one) => [one.name, words(one.name)])}
      />
      {open > 0 && (
        <p className="u-muted">
          {open === 1 ? 'Its open alert is' : `Its ${open} open alerts are`} closed with it, with the same verdict.
        </p>
      )}
      {close.isError && <Banner tone="danger">{asApiError(close.error).message}</Banner>}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button type="submit" variant="primary" busy={close.isPending} disabled={offered.length === 0}>
          Close #{incident.number}
        </Button>
      </DialogActions>
    </form>
  );
}
