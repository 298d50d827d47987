import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { Observable } from '@/domain/Observable';
import { Reply } from '@/domain/Reply';
import { Tlp } from '@/domain/Tlp';
import { words } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Menu } from '@/ui/Menu';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere } from '../here';
import { Pivot, seenQuery } from '../parts/Pivot';
import { usePages } from '../parts/usePages';
import { type IncidentObservable, observablesQuery } from '../queries';
import s from './Bar.module.css';
import { ObservableDialog } from './ObservableDialog';
import o from './ObservablesTab.module.css';
import { PasteDialog } from './PasteDialog';
import { RemoveObservableDialog } from './RemoveObservableDialog';

const VERDICTS = ['malicious', 'suspicious', 'benign', 'unknown'] as const;
type Asked = { ask: 'edit' | 'remove'; id: string };

/** What was seen in it that can be looked for elsewhere. */
export function ObservablesTab() {
  const { incident, mayChange } = useHere();
  const { rows, reply, more } = usePages(observablesQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const one = rows.find(({ id }) => id === asked?.id);
  const columns: Column<IncidentObservable>[] = [
    { name: 'Value', grow: true, cell: (row) => <Value row={row} /> },
    { name: 'Verdict', cell: (row) => <Verdict row={row} /> },
    ...(mayChange
      ? [
          {
            name: 'Actions',
            quiet: true,
            align: 'end' as const,
            cell: (row: IncidentObservable) => <More row={row} onAsk={(ask) => setAsked({ ask, id: row.id })} />,
          },
        ]
      : []),
  ];
  return (
    <>
      {mayChange && (
        <div className={s.bar}>
          <span className="u-subtle">What is marked IOC is an indicator: others should look for it.</span>
          <Button variant="primary" onClick={() => setAdding(true)}>
            Add observables…
          </Button>
        </div>
      )}
      <Reply of={reply} lines={5}>
        {() => (
          <Table
            label="Observables"
            columns={columns}
            rows={rows}
            keyOf={(row) => row.id}
            more={more}
            empty={
              <State title="No observables">
                Those of linked alerts come by themselves; add others by pasting a mail or a report.
              </State>
            }
          />
        )}
      </Reply>
      {adding && <PasteDialog onLeave={() => setAdding(false)} />}
      {one && asked?.ask === 'edit' && <ObservableDialog observable={one} onLeave={() => setAsked(null)} />}
      {one && asked?.ask === 'remove' && <RemoveObservableDialog observable={one} onLeave={() => setAsked(null)} />}
    </>
  );
}

function Value({ row }: { row: IncidentObservable }) {
  const query = seenQuery(row.type, row.value);
  return (
    <div className={o.value}>
      <Observable type={row.type} value={row.value} ioc={row.ioc} />
      <span className={o.beside}>
        <Tag>{row.type}</Tag>
        {row.tlp && <Tlp level={row.tlp} />}
        {row.in_alerts && <Tag>in its alerts</Tag>}
        {row.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        <Pivot to="explorer" query={query}>
          Events
        </Pivot>
        <Pivot to="alerts" query={query}>
          Alerts
        </Pivot>
        <Pivot to="incidents" query={query}>
          Incidents
        </Pivot>
        {row.note && <span className="u-subtle">{row.note}</span>}
      </span>
    </div>
  );
}

function usePatch(row: IncidentObservable) {
  const change = useChange(row.incident_id);
  const params = {
    path: { incident_id: row.incident_id, incident_observable_id: row.id },
    header: ifMatch(row.revision),
  };
  return (body: { verdict?: IncidentObservable['verdict']; ioc?: boolean }, said: string) =>
    change.mutate({
      send: () => api.PATCH('/api/v1/incidents/{incident_id}/observables/{incident_observable_id}', { params, body }),
      said,
    });
}

function Verdict({ row }: { row: IncidentObservable }) {
  const { mayChange } = useHere();
  const patch = usePatch(row);
  if (!mayChange) return <VerdictTag verdict={row.verdict} />;
  return (
    <Menu
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Verdict of ${row.value}: ${row.verdict}. Change it`}>
          <VerdictTag verdict={row.verdict} />
        </Button>
      }
      items={VERDICTS.map((verdict) => ({
        label: words(verdict),
        chosen: verdict === row.verdict,
        onSelect: () => verdict !== row.verdict && patch({ verdict }, `${words(verdict)}: ${row.value}`),
      }))}
    />
  );
}

const TONES = { malicious: 'danger', suspicious: 'warning', benign: 'success', unknown: undefined } as const;

function VerdictTag({ verdict }: { verdict: IncidentObservable['verdict'] }) {
  return <Tag tone={TONES[verdict]}>{words(verdict)}</Tag>;
}

function More({ row, onAsk }: { row: IncidentObservable; onAsk: (ask: Asked['ask']) => void }) {
  const { incident } = useHere();
  const patch = usePatch(row);
  return (
    <Menu
      trigger={
        <IconButton size="sm" label={`More on ${row.value}`}>
          <Ellipsis size={13} aria-hidden="true" />
        </IconButton>
      }
      items={[
        {
          label: row.ioc ? 'No indicator (IOC)' : 'Mark as indicator (IOC)',
          onSelect: () => patch({ ioc: !row.ioc }, row.ioc ? `No indicator: ${row.value}` : `Indicator: ${row.value}`),
        },
        { label: 'Edit TLP, tags, note…', onSelect: () => onAsk('edit') },
        'line',
        {
          label: 'Remove…',
          tone: 'danger',
          why: incident.legal_hold ? 'It is on legal hold' : undefined,
          onSelect: () => onAsk('remove'),
        },
      ]}
    />
  );
}
