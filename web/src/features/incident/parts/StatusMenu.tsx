import { ChevronDown } from 'lucide-react';
import type { RefObject } from 'react';
import { IncidentStatusIcon } from '@/domain/IncidentStatus';
import { incidentStatusLabel } from '@/domain/incident';
import { movesFrom, needsReason, type To } from '@/domain/moves';
import { Button } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu } from '@/ui/Menu';
import { useHere } from '../here';
import type { Moves } from './useMoves';

const VERBS: Record<To, string> = {
  open: 'Open again',
  investigating: 'Investigate',
  contained: 'Contain',
  on_hold: 'Put on hold',
  resolved: 'Resolve',
};

/** Where the incident may go from where it is. */
export function StatusMenu({ moves, button }: { moves: Moves; button: RefObject<HTMLButtonElement | null> }) {
  const { incident } = useHere();
  return (
    <Menu
      trigger={
        <Button ref={button} disabled={!moves.able} title={moves.why}>
          <IncidentStatusIcon status={incident.status} />
          {incidentStatusLabel(incident.status)}
          <ChevronDown size={12} aria-hidden="true" />
          <Kbd>S</Kbd>
        </Button>
      }
      items={movesFrom(incident.status).map((to) => ({
        label: `${VERBS[to]}${needsReason(incident, to) ? '…' : ''}`,
        icon: <IncidentStatusIcon status={to} />,
        onSelect: () => moves.move(to),
      }))}
    />
  );
}
