import { useCallback, useMemo, useState } from 'react';
import type { Hotkeys } from '@/lib/hotkeys';
import { useStable } from '@/lib/stable';
import type { Selection } from './selection';

/** Rows of a screen, as Page up and Page down go. */
const PAGE = 15;

/** The row that keys act on, and the cell of it. */
export interface Cursor {
  index: number;
  id: string | undefined;
  column: string | undefined;
  /** Somebody went somewhere: it is no longer only where it began. */
  moved: boolean;
  to: (index: number) => void;
  toColumn: (column: string | undefined) => void;
}

/** It stays with its row wherever that goes; where the row has gone, with its place. It begins at `first`. */
export function useCursor(ids: readonly string[], first?: string): Cursor {
  const [at, setAt] = useState({ index: 0, id: first, moved: false });
  const [column, toColumn] = useState<string | undefined>();
  const found = at.id === undefined || ids[at.index] === at.id ? at.index : ids.indexOf(at.id);
  const index = Math.max(0, Math.min(ids.length - 1, found < 0 ? at.index : found));
  const to = useStable((next: number) => {
    const there = Math.max(0, Math.min(ids.length - 1, next));
    setAt({ index: there, id: ids[there], moved: true });
  });
  const id = ids[index];
  const { moved } = at;
  return useMemo(() => ({ index, id, column, moved, to, toColumn }), [index, id, column, moved, to]);
}

/** The keys by which one goes through rows and selects them: j k, arrows, x, with shift too. */
export function useCursorKeys(cursor: Cursor, ids: readonly string[], selection?: Selection): Hotkeys {
  const { index, to } = cursor;
  const move = useCallback((step: number) => to(index + step), [index, to]);
  const extend = (step: number) => {
    const next = Math.max(0, Math.min(ids.length - 1, index + step));
    selection?.put(
      [ids[index], ids[next]].filter((id) => id !== undefined),
      true,
    );
    to(next);
  };
  const down = (event: KeyboardEvent) => (event.shiftKey && selection ? extend(1) : move(1));
  const up = (event: KeyboardEvent) => (event.shiftKey && selection ? extend(-1) : move(-1));
  return {
    j: { label: 'Next row', run: () => move(1) },
    k: { label: 'Row before', run: () => move(-1) },
    ArrowDown: down,
    ArrowUp: up,
    PageDown: () => move(PAGE),
    PageUp: () => move(-PAGE),
    Home: () => to(0),
    End: () => to(ids.length - 1),
    ...(selection && {
      J: { label: 'Select this row and the next', run: () => extend(1) },
      K: { label: 'Select this row and the one before', run: () => extend(-1) },
      x: { label: 'Select the row', run: () => cursor.id !== undefined && selection.toggle(cursor.id) },
    }),
  };
}
