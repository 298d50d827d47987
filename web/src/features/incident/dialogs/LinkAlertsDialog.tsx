import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { Named, once, PickList } from '@/domain/dialogs/PickList';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { Age } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { useRested } from '@/lib/useRested';
import { TextField } from '@/ui/Field';
import { useChange } from '../change';
import { useHere } from '../here';
import { foundAlertsQuery } from '../lookups';
import type { AlertRow } from '../queries';

/** More alerts that belong to it, found as in the queue. */
export function LinkAlertsDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly AlertRow[]>([]);
  const found = useQuery(foundAlertsQuery(useRested(text.trim())));
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const many = chosen.length === 1 ? '1 alert' : `${chosen.length} alerts`;
  const ids = new Set(chosen.map((row) => row.id));
  const rows = (found.data?.items ?? []).filter(
    (row) =>
      row.organization_id === incident.organization_id && row.incident_id === null && row.status !== 'suppressed',
  );
  const toggle = (row: AlertRow) =>
    setChosen(ids.has(row.id) ? chosen.filter((one) => one.id !== row.id) : [...chosen, row]);
  return (
    <FormDialog
      size="lg"
      title={`Link alerts to #${incident.number}`}
      description="They are acknowledged by it, and leave the queue. An alert is in one incident at most."
      verb={chosen.length > 0 ? `Link ${many}` : 'Link'}
      busy={change.isPending}
      error={change.error}
      why={chosen.length === 0 ? 'No alert is chosen' : undefined}
      onLeave={onLeave}
      onSubmit={(form) =>
        change.mutate({
          send: () =>
            api.POST('/api/v1/incidents/{incident_id}/alerts', {
              params: { path: { incident_id: incident.id } },
              body: { alert_ids: [...ids], reason: given(form, 'reason') || null },
            }),
          said: `Linked ${many}`,
        })
      }
    >
      <TextField
        label="Find alerts"
        help="A query as in the queue, such as source.ip:198.51.100.0/24. Only what is in no incident can be linked."
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <Reply of={found} lines={4}>
        {() => (
          <PickList label="Alerts found" rows={once([...chosen, ...rows])} chosen={ids} onToggle={toggle}>
            {(row) => (
              <>
                <SeverityBadge severity={row.severity} />
                <Named>{row.title}</Named>
                <span className="u-subtle">×{formatCount(row.count)}</span>
                <span className="u-subtle">
                  <Age at={row.last_seen} />
                </span>
              </>
            )}
          </PickList>
        )}
      </Reply>
      {found.data && rows.length === 0 && <p className="u-subtle">No alert that could be linked is found by this.</p>}
      {found.data?.next_cursor && (
        <p className="u-subtle">
          The latest {rows.length} of {formatCount(found.data.total ?? rows.length)}: narrow the query to find others.
        </p>
      )}
      <TextField label="Why" name="reason" maxLength={2_000} />
    </FormDialog>
  );
}
