import { ChevronDown, Ellipsis } from 'lucide-react';
import { useRef } from 'react';
import { api } from '@/api/client';
import { IncidentStatusIcon } from '@/domain/IncidentStatus';
import { incidentStatusLabel } from '@/domain/incident';
import { useHotkeys } from '@/lib/hotkeys';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu } from '@/ui/Menu';
import { at, useChange } from '../change';
import { useHere } from '../here';
import { movesFrom, needsReason, type To, whyNot, whyNotClosed } from '../moves';
import s from './Actions.module.css';
import { useMoreItems } from './more';

/** What is done with an incident most, each with its key, and all else under one button. */
export function Actions() {
  const { incident, me, open, show, mayWrite, takes, mayChange } = useHere();
  const change = useChange(incident.id);
  const status = useRef<HTMLButtonElement>(null);
  const more = useMoreItems();
  const why = whyNot(incident);
  const whyClose = whyNotClosed(incident);
  const mine = incident.assignee_id === me;

  const take = () =>
    change.mutate({
      send: () =>
        api.POST('/api/v1/incidents/{incident_id}/assign', { params: at(incident), body: { assignee_id: me } }),
      said: `#${incident.number} is yours`,
    });
  function move(to: To) {
    if (needsReason(incident, to)) return open({ ask: 'move', to });
    return change.mutate({
      send: () => api.POST('/api/v1/incidents/{incident_id}/transition', { params: at(incident), body: { to } }),
      said: `#${incident.number}: ${incidentStatusLabel(to)}`,
    });
  }
  const able = mayWrite && why === undefined;
  useHotkeys({
    a: able ? { label: 'Assign the incident', run: () => open({ ask: 'assign' }) } : undefined,
    m: able && !mine ? { label: 'Take the incident', run: take } : undefined,
    s: able ? { label: 'Move the incident', run: () => status.current?.click() } : undefined,
    c:
      mayWrite && whyClose === undefined
        ? { label: 'Close the incident', run: () => open({ ask: 'close' }) }
        : undefined,
    n: takes ? { label: 'Write a note', run: () => show('notes', true) } : undefined,
    t: mayChange ? { label: 'Add a task', run: () => show('tasks', true) } : undefined,
  });
  if (!mayWrite)
    return (
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis size={14} aria-hidden="true" />
          </IconButton>
        }
        items={more}
      />
    );
  return (
    <>
      {incident.status === 'closed' ? (
        <Button variant="primary" onClick={() => open({ ask: 'reopen' })}>
          Reopen…
        </Button>
      ) : (
        incident.status !== 'merged' && (
          <>
            <span className={s.wide}>
              <Button disabled={!able || mine} title={mine ? 'It is yours already' : why} onClick={take}>
                Take<Kbd>M</Kbd>
              </Button>
              <Button disabled={!able} title={why} onClick={() => open({ ask: 'assign' })}>
                Assign…<Kbd>A</Kbd>
              </Button>
            </span>
            <Menu
              trigger={
                <Button ref={status} disabled={!able} title={why}>
                  <IncidentStatusIcon status={incident.status} />
                  {incidentStatusLabel(incident.status)}
                  <ChevronDown size={12} aria-hidden="true" />
                  <Kbd>S</Kbd>
                </Button>
              }
              items={movesFrom(incident.status).map((to) => ({
                label: `${VERBS[to]}${needsReason(incident, to) ? '…' : ''}`,
                icon: <IncidentStatusIcon status={to} />,
                onSelect: () => move(to),
              }))}
            />
          </>
        )
      )}
      {takes && (
        <span className={s.wide}>
          <Button onClick={() => show('notes', true)}>
            Note<Kbd>N</Kbd>
          </Button>
          {mayChange && (
            <Button onClick={() => show('tasks', true)}>
              Task<Kbd>T</Kbd>
            </Button>
          )}
        </span>
      )}
      {mayChange && (
        <Button
          variant="primary"
          disabled={whyClose !== undefined}
          title={whyClose}
          onClick={() => open({ ask: 'close' })}
        >
          Close…<Kbd>C</Kbd>
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis size={14} aria-hidden="true" />
          </IconButton>
        }
        items={more}
      />
    </>
  );
}

const VERBS: Record<To, string> = {
  open: 'Open again',
  investigating: 'Investigate',
  contained: 'Contain',
  on_hold: 'Put on hold',
  resolved: 'Resolve',
};
