import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, CircleCheck, Maximize2, ShieldPlus, UserPlus, X } from 'lucide-react';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Tabs } from '@/ui/Tabs';
import s from './Preview.module.css';
import { PreviewMenu } from './PreviewMenu';
import { Overview, RawEvent, Related, Seen } from './PreviewParts';
import { type Alert, type AlertDetail, alertQuery } from './queries';
import { canTake } from './triage';
import type { Actions } from './useActions';

type Tab = 'overview' | 'observables' | 'related' | 'raw';

interface Props {
  id: string;
  /** As the list has it; undefined where it is not in the list. */
  row: Alert | undefined;
  actions: Actions;
  onLeave: () => void;
}

/** What there is to know before deciding, beside the queue. */
export function Preview({ id, row, actions, onLeave }: Props) {
  const detail = useQuery(alertQuery(id));
  const [tab, setTab] = useState<Tab>('overview');
  const alert = row ?? detail.data;
  return (
    <aside className={s.preview} aria-label="Preview">
      {alert && (
        <header className={s.top}>
          <div className={s.head}>
            <SeverityBadge severity={alert.severity} />
            <StatusText status={alert.status} />
            <span className={s.tools}>
              {row && actions.mayWrite && <PreviewMenu alert={row} actions={actions} />}
              <Link
                to={PATHS.alert}
                params={{ alertId: id }}
                className={s.tool}
                aria-label="Open the whole page"
                title="Open the whole page (Shift+Enter)"
              >
                <Maximize2 size={13} aria-hidden="true" />
              </Link>
              <IconButton size="sm" label="Close the preview" onClick={onLeave}>
                <X size={14} aria-hidden="true" />
              </IconButton>
            </span>
          </div>
          <h2 className={s.title}>{alert.title}</h2>
          {row && actions.mayWrite && <Acts alert={row} actions={actions} />}
        </header>
      )}
      <Reply of={detail} lines={8}>
        {(data) => <Parts detail={data} tab={tab} onTab={setTab} />}
      </Reply>
    </aside>
  );
}

function Acts({ alert, actions }: { alert: Alert; actions: Actions }) {
  const open = alert.status !== 'closed' && alert.status !== 'suppressed';
  return (
    <div className={s.actions}>
      {canTake(alert, 'acknowledge') ? (
        <Button variant="primary" onClick={() => actions.act('acknowledge')}>
          <Check size={13} aria-hidden="true" />
          Acknowledge
          <Kbd>E</Kbd>
        </Button>
      ) : (
        open && (
          <Button variant="primary" onClick={() => actions.act('close')}>
            <CircleCheck size={13} aria-hidden="true" />
            Close…
            <Kbd>C</Kbd>
          </Button>
        )
      )}
      <Button onClick={() => actions.act('assign')}>
        <UserPlus size={13} aria-hidden="true" />
        Assign
        <Kbd>A</Kbd>
      </Button>
      {actions.mayLink && open && !alert.incident_id && (
        <Button onClick={() => actions.act('incident')}>
          <ShieldPlus size={13} aria-hidden="true" />
          Incident
          <Kbd>I</Kbd>
        </Button>
      )}
    </div>
  );
}

function Parts({ detail, tab, onTab }: { detail: AlertDetail; tab: Tab; onTab: (tab: Tab) => void }) {
  const tabs = [
    { key: 'overview', label: 'Overview' },
    { key: 'observables', label: 'Observables', count: detail.observables_count },
    { key: 'related', label: 'Related' },
    { key: 'raw', label: 'Raw event' },
  ] as const;
  return (
    <Tabs<Tab> of="pane" label="Parts of the alert" tabs={tabs} value={tab} onChange={onTab}>
      {tab === 'overview' && <Overview detail={detail} />}
      {tab === 'observables' && <Seen detail={detail} />}
      {tab === 'related' && <Related detail={detail} />}
      {tab === 'raw' && <RawEvent detail={detail} />}
    </Tabs>
  );
}
