import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import type { AlertStatus } from '@/domain/statuses';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount, words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Checkbox } from '@/ui/Checkbox';
import { Row } from '@/ui/Page';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { LinkAlertsDialog } from '../dialogs/LinkAlertsDialog';
import { UnlinkDialog } from '../dialogs/UnlinkDialog';
import { useHere } from '../here';
import { usePages } from '../parts/usePages';
import { alertsOfQuery, type LinkedAlert } from '../queries';
import s from './Bar.module.css';

/** The alerts that it is made of. */
export function AlertsTab() {
  const { incident, mayChange } = useHere();
  const { rows, reply, more } = usePages(alertsOfQuery(incident.id));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<'link' | 'unlink' | null>(null);
  const zone = useZoneLabel();
  // What was chosen may have been unlinked by somebody else.
  const selected = rows.filter((row) => chosen.includes(row.alert_id));
  const columns = columnsOf(zone);
  return (
    <>
      {mayChange && <Bar selected={selected} onAsk={setAsked} />}
      <Reply of={reply} lines={5}>
        {() => (
          <Table
            label="Alerts of the incident"
            columns={mayChange ? [chooser(chosen, setChosen), ...columns] : columns}
            rows={rows}
            keyOf={(row) => row.alert_id}
            more={more}
            empty={<State title="No alert is linked">Link those that belong to it; they leave the queue then.</State>}
          />
        )}
      </Reply>
      {asked === 'link' && <LinkAlertsDialog onLeave={() => setAsked(null)} />}
      {asked === 'unlink' && (
        <UnlinkDialog
          alerts={selected}
          onLeave={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            setChosen([]);
          }}
        />
      )}
    </>
  );
}

function Bar({ selected, onAsk }: { selected: readonly LinkedAlert[]; onAsk: (ask: 'link' | 'unlink') => void }) {
  const { incident, open } = useHere();
  return (
    <div className={s.bar}>
      <span className="u-muted">
        {selected.length > 0 ? `${selected.length} chosen` : `${formatCount(incident.counts.open_alerts)} open`}
      </span>
      <Row end>
        {selected.length > 0 && (
          <>
            <Button onClick={() => onAsk('unlink')}>Unlink {selected.length}…</Button>
            <Button onClick={() => open({ ask: 'split', alertIds: selected.map((row) => row.alert_id) })}>
              Split {selected.length} off…
            </Button>
          </>
        )}
        <Button variant="primary" onClick={() => onAsk('link')}>
          Link alerts…
        </Button>
      </Row>
    </div>
  );
}

const chooser = (chosen: readonly string[], onChange: (chosen: readonly string[]) => void): Column<LinkedAlert> => ({
  name: 'Chosen',
  quiet: true,
  cell: ({ alert_id, title }) => (
    <Checkbox
      aria-label={`Choose ${title}`}
      checked={chosen.includes(alert_id)}
      onChange={() =>
        onChange(chosen.includes(alert_id) ? chosen.filter((one) => one !== alert_id) : [...chosen, alert_id])
      }
    />
  ),
});

const columnsOf = (zone: string): Column<LinkedAlert>[] => [
  { name: 'Severity', cell: (row) => <SeverityBadge severity={row.severity} /> },
  {
    name: 'Alert',
    grow: true,
    cell: (row) => (
      <Link className="u-strong" to={PATHS.alert} params={{ alertId: row.alert_id }}>
        {row.title}
      </Link>
    ),
  },
  { name: 'Events', align: 'end', minor: true, cell: (row) => formatCount(row.count) },
  { name: `Last seen (${zone})`, minor: true, cell: (row) => <Moment at={row.last_seen} /> },
  {
    name: 'Status',
    cell: (row) =>
      row.verdict ? (
        <span title={words(row.verdict)}>
          <StatusText status={row.status as AlertStatus} />
        </span>
      ) : (
        <StatusText status={row.status as AlertStatus} />
      ),
  },
  { name: 'Linked by', minor: true, cell: (row) => <span className="u-muted">{row.rule ?? row.linked_by_name}</span> },
];
