import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { movesFrom, needsReason, whyOpen, whyStill } from '@/domain/moves';
import type { MenuItem } from '@/ui/Menu';
import type { Incident } from './queries';
import type { Actions } from './useActions';

interface Ways {
  onOpen: () => void;
  onMove: (to: IncidentStatus) => void;
}

/** What can be done with a card: to be opened, and for who may, moved to where it may go, given away, ended. */
export function menuOf(row: Incident, { may, ask, take }: Actions, { onOpen, onMove }: Ways): (MenuItem | 'line')[] {
  const open: MenuItem = { label: 'Open', keys: 'O', onSelect: onOpen };
  if (!may || row.status === 'merged') return [open];
  const why = whyStill(row);
  const moves: MenuItem[] = movesFrom(row.status).map((to) => ({
    label: `Move to ${incidentStatusLabel(to)}${needsReason(row, to) ? '…' : ''}`,
    why,
    onSelect: () => onMove(to),
  }));
  return [
    open,
    'line',
    ...moves,
    { label: 'Close…', keys: 'C', why: whyOpen(row), onSelect: () => onMove('closed') },
    'line',
    { label: 'Take', keys: 'M', why, onSelect: () => take([row]) },
    { label: 'Assign…', keys: 'A', why, onSelect: () => ask('assign', [row]) },
    { label: 'Set severity…', keys: 'V', onSelect: () => ask('severity', [row]) },
    { label: 'Tag…', keys: 'T', onSelect: () => ask('tag', [row]) },
  ];
}
