import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { DialogForm } from '@/domain/dialogs/FormDialog';
import { VerdictFields, verdictOf } from '@/domain/dialogs/VerdictFields';
import { Reply } from '@/domain/Reply';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { say } from '@/ui/toast';
import s from './dialogs.module.css';
import { detailQuery, type Incident, type IncidentDetail } from './queries';
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
  const close = useMutation({
    mutationFn: (body: ReturnType<typeof verdictOf>) =>
      read(
        api.POST('/api/v1/incidents/{incident_id}/close', {
          params: { path: { incident_id: incident.id }, header: ifMatch(incident.revision) },
          body,
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
  const open = incident.counts.open_alerts;
  return (
    <DialogForm
      verb={`Close #${incident.number}`}
      busy={close.isPending}
      error={close.error}
      onSubmit={(form) => close.mutate(verdictOf(form))}
      onLeave={onLeave}
    >
      <VerdictFields organizationId={incident.organization_id} first="true_positive" />
      {open > 0 && (
        <p className="u-muted">
          {open === 1 ? 'Its open alert is' : `Its ${open} open alerts are`} closed with it, with the same verdict.
        </p>
      )}
    </DialogForm>
  );
}
