import { type RefObject, useState } from 'react';
import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { useHotkeys } from '@/lib/hotkeys';
import { complain } from '@/ui/toast';
import type { Asked } from './Dialogs';
import type { BoardPart, Incident } from './queries';
import { keysOf } from './Table';
import { useActions, whyNotTo } from './useActions';
import { useBoardFocus } from './useBoardFocus';

interface Wanted {
  board: RefObject<HTMLElement | null>;
  parts: readonly BoardPart[];
  rows: readonly Incident[];
  /** The card that keys act on while none has the focus. */
  at: string | undefined;
  onOpen: (row: Incident) => void;
}

/** How cards move: what moves them, the keys that do, and what is said of it. */
export function useBoardMoves({ board, parts, rows, at, onOpen }: Wanted) {
  const [said, setSaid] = useState('');
  const actions = useActions(
    () => undefined,
    (row, why) => {
      focus.keep(row.id);
      setSaid(why);
    },
  );
  const focus = useBoardFocus(board, actions.asking);

  function move(row: Incident, to: IncidentStatus) {
    const why = actions.move(row, to);
    setSaid(why ? `#${row.number} stays: ${why}` : `#${row.number} to ${incidentStatusLabel(to)}`);
    if (!why) focus.keep(row.id);
    else complain({ title: `#${row.number} stays where it is`, description: why });
  }
  /** To the next column on that side that it may go to. */
  function push(by: number) {
    const row = current();
    if (!row || !actions.may) return;
    const order = parts.map((part) => part.status);
    const here = order.indexOf(row.status);
    const ahead = by > 0 ? order.slice(here + 1) : order.slice(0, here).reverse();
    const to = ahead.find((one) => whyNotTo(row, one) === undefined);
    if (to) move(row, to);
    else setSaid(`#${row.number} cannot go further ${by > 0 ? 'right' : 'left'}`);
  }
  const current = () => rows.find((row) => row.id === (focus.current() ?? at));
  const open = () => {
    const row = current();
    if (row) onOpen(row);
  };
  function act(what: Asked['what'] | 'take') {
    const row = current();
    if (row) what === 'take' ? actions.take([row]) : actions.ask(what, [row]);
  }
  const left = { label: 'Move the card left', run: () => push(-1) };
  const right = { label: 'Move the card right', run: () => push(1) };
  useHotkeys({
    j: () => focus.step(1),
    ArrowDown: () => focus.step(1),
    k: () => focus.step(-1),
    ArrowUp: () => focus.step(-1),
    ArrowLeft: () => focus.aside(-1),
    ArrowRight: () => focus.aside(1),
    o: { label: 'Open the incident', run: open },
    Enter: open,
    ...(actions.may && { h: left, '[': left, l: right, ']': right }),
    ...keysOf(actions.may, act),
  });
  return { actions, move, said };
}
